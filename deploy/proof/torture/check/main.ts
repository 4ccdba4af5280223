import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFindings } from './findings.ts'
import { foldLog } from './fold-log.ts'
import { judgeAnswers } from './judge-answers.ts'
import { judgeReads } from './judge-reads.ts'
import { type Attempt, readJournal } from './read-journal.ts'
import { readLog } from './read-log.ts'
import { codesIn } from './told-codes.ts'

/**
 * Judges a run from the log and from what its clients wrote down, by docs/log-protocol.md, docs/api.md and
 * docs/errors.md: nothing here is of the ledger's own code. Prints counts and findings as JSON.
 */
const [directory = '.'] = process.argv.slice(2)
const findings = createFindings()
const records = await readLog(JSON.parse(readFileSync(join(directory, 'log.json'), 'utf8')))
const ledger = foldLog(records, 'torture', 0, findings)
const journal = readJournal(join(directory, 'journal.jsonl'))
const errors = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8')
judgeAnswers(ledger, journal.attempts, codesIn(errors), findings)
judgeReads(ledger, journal.reads, findings)

const isAnswered = ({ answer }: Attempt) => answer !== undefined && answer.status > 0
const counts = {
  ...{ records: records.length, commits: ledger.commits.length, voids: ledger.voids, claims: ledger.claims },
  ...{ attempts: journal.attempts.length, answered: journal.attempts.filter(isAnswered).length },
  ...{ reads: journal.reads.length, readBalances: journal.reads.filter(({ balance }) => balance !== undefined).length },
  keys: new Set(journal.attempts.map(({ key }) => key)).size,
}
process.stdout.write(JSON.stringify({ counts, findings: findings.list() }))

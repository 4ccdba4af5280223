import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFindings } from './findings.ts'
import { judgeAnswers } from './judge-answers.ts'
import { judgeReads } from './judge-reads.ts'
import { judgeAtRest, judgeSagas } from './judge-sagas.ts'
import { ledgerOf } from './ledger.ts'
import { type Attempt, readJournal } from './read-journal.ts'
import { readLog } from './read-log.ts'
import { codesIn } from './told-codes.ts'

/**
 * Judges a run from the log and from what its clients wrote down, by docs/log-protocol.md, docs/api.md and
 * docs/errors.md: nothing here is of the ledger's own code. Prints counts and findings as JSON.
 */
const [directory = '.'] = process.argv.slice(2)
const findings = createFindings()
const logs = await readLog(JSON.parse(readFileSync(join(directory, 'log.json'), 'utf8')))
const ledger = ledgerOf(logs, 'torture', findings)
const journal = readJournal(join(directory, 'journal.jsonl'))
const errors = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8')
judgeAnswers(ledger, journal.attempts, codesIn(errors), findings)
judgeReads(ledger, journal.reads, findings)
judgeSagas(ledger, findings)
judgeAtRest(
  ledger.histories.map(({ books }) => books),
  findings,
)

const isAnswered = ({ answer }: Attempt) => answer !== undefined && answer.status > 0
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
const counts = {
  ...{ records: sum(logs.map(({ length }) => length)), partitions: logs.length },
  commits: sum(ledger.folded.map(({ commits }) => commits.length)),
  ...{ voids: sum(ledger.folded.map(({ voids }) => voids)), claims: sum(ledger.folded.map(({ claims }) => claims)) },
  ...{ attempts: journal.attempts.length, answered: journal.attempts.filter(isAnswered).length },
  ...{ reads: journal.reads.length, readBalances: journal.reads.filter(({ balance }) => balance !== undefined).length },
  ...{ keys: new Set(journal.attempts.map(({ key }) => key)).size, paymentsAcross: ledger.payments.begun.size },
}
process.stdout.write(JSON.stringify({ counts, findings: findings.list() }))

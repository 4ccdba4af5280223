import { finding, isCode, isTest, type Source } from './tidy-source.ts'

export const MOST_FILE_LINES = 300
export const MOST_FUNCTION_LINES = 70
export const MOST_CHARACTERS = 120

/** Longer ones that stand already: each may only shrink, and its number with it. */
export type Grown = Readonly<Record<string, number>>
export const longFiles: Grown = {
  'deploy/proof/e2e/pages.e2e-test.ts': 339,
  'read-side/accounts/search.int-test.ts': 306,
  'read-side/audit/audit.int-test.ts': 338,
  'read-side/reconciliation/queries.int-test.ts': 363,
  'write-side/handle/partition-owner.test.ts': 342,
}
export const longFunctions: Grown = {
  'ui/src/components/account-picker.tsx AccountPicker': 84,
  'ui/src/features/audit/accesses/accesses-page.tsx AccessesPage': 76,
  'ui/src/features/audit/replay/replay-page.tsx ReplayPage': 77,
  'ui/src/features/follow-payments/payments-page.tsx PaymentsPage': 79,
}

type Measured = { readonly path: string; readonly line: number; readonly name: string; readonly lines: number }

export function tooLongFiles(sources: readonly Source[], grown: Grown = longFiles): string[] {
  const files = sources
    .filter(({ path }) => isCode(path))
    .map(({ path, text }) => ({ path, line: 1, name: path, lines: text.split('\n').length - 1 }))
  return tooLong(files, MOST_FILE_LINES, grown, 'split it by noun')
}

export function tooLongFunctions(sources: readonly Source[], grown: Grown = longFunctions): string[] {
  const functions = sources.filter(({ path }) => isCode(path)).flatMap(functionsOf)
  return tooLong(functions, MOST_FUNCTION_LINES, grown, 'cut it where it does a second thing')
}

/** What is too long, what has grown, and entries of the list that say more than there is. */
function tooLong(measured: readonly Measured[], most: number, grown: Grown, advice: string): string[] {
  const long = measured.filter(({ lines }) => lines > most)
  const found = long.flatMap(({ path, line, name, lines }) => {
    const allowed = grown[name] ?? most
    return lines > allowed ? [finding(path, line, `${name} has ${lines} lines, over ${allowed}: ${advice}`)] : []
  })
  const stale = Object.entries(grown).flatMap(([name, allowed]) => {
    const now = long.find((one) => one.name === name)?.lines
    if (now === undefined) return [`.ci/tidy-lengths.ts: ${name} is no longer too long: take it off the list`]
    return now < allowed ? [`.ci/tidy-lengths.ts: ${name} has ${now} lines now: write that instead of ${allowed}`] : []
  })
  return [...found, ...stale]
}

/** A line that opens a body: of a function with a name or of one that is handed over, and of no `if` or loop. */
const opens = /(?:=>|\)(?:: [^={}]+)?|\bfunction\b.*) \{$|=> \($/
const isControl = /^\s*(?:\} )?(?:if|else|for|while|switch|do|try|catch|finally|with|class)\b/
/** In tests what is handed to `test` and its like: a story told in one go. */
const isTestBody = /^\s*(?:(?:test|describe|it|before|after|beforeEach|afterEach)\(|\}, (?:async )?\()/
const name = /(?:function\*? ?|const |async |readonly )?([A-Za-z_$][\w$]*)/

/** Functions, from the line that names them to the one that ends them, by the indentation that the formatter gives. */
export function functionsOf({ path, text }: Source): Measured[] {
  const lines = text.split('\n')
  return lines.flatMap((content, index) => {
    if (!opens.test(content) || isControl.test(content) || (isTest(path) && isTestBody.test(content))) return []
    const indentation = /^\s*/.exec(content)?.[0] ?? ''
    const begin = firstLineOf(lines, index, indentation)
    const ends = (line: string) =>
      line.startsWith(indentation) && /^[})]/.test(line.slice(indentation.length)) && !line.endsWith('{')
    const length = lines.slice(index + 1).findIndex(ends) + 2 + index - begin
    const named =
      name.exec((lines[begin] ?? '').trim().replace(/^(?:export |default |async )+/, ''))?.[1] ?? 'a function'
    return length < 2 ? [] : [{ path, line: begin + 1, name: `${path} ${named}`, lines: length }]
  })
}

/** Where the parameters of a function stand on lines of their own, its first line lies before them. */
function firstLineOf(lines: readonly string[], index: number, indentation: string): number {
  let begin = index
  if (!/^\s*[)}]/.test(lines[index] ?? '')) return begin
  do begin -= 1
  while (
    begin > 0 &&
    !(lines[begin]?.startsWith(indentation) && /^\S/.test(lines[begin]?.slice(indentation.length) ?? ''))
  )
  return begin
}

/** Texts that stood over the edge already, by file: the formatter leaves texts whole. Each number may only shrink. */
export const longTexts: Grown = {
  '.ci/chromium.ts': 1,
  'bench/seldom.ts': 3,
  'deploy/cli/run-import.ts': 2,
  'deploy/cli/verification-lines.ts': 3,
  'deploy/local/issuer/issuer-page.ts': 5,
  'deploy/local/issuer/issuer.int-test.ts': 1,
  'deploy/local/start/welcome.ts': 2,
  'deploy/local/stores/earlier-server.ts': 1,
  'deploy/local/stores/guarded-process.test.ts': 1,
  'deploy/local/stores/kafka-broker.ts': 1,
  'deploy/local/stores/kafka-runtime.ts': 1,
  'deploy/local/stores/postgres-programs.ts': 1,
  'deploy/local/stores/postgres.ts': 1,
  'deploy/proof/e2e/auditor.e2e-test.ts': 1,
  'deploy/runtime/when-over.test.ts': 1,
  'deploy/sdk/berka.test.ts': 1,
  'deploy/sdk/ledger-client.ts': 1,
  'deploy/sdk/read-csv.ts': 1,
  'gateway/forward/downloads.int-test.ts': 3,
  'gateway/forward/forward.int-test.ts': 2,
  'gateway/serve/page.ts': 1,
  'gateway/serve/ui.ts': 1,
  'projections/accounts/main.int-test.ts': 1,
  'projections/accounts/project.test.ts': 1,
  'projections/follow/apply-batch.int-test.ts': 1,
  'projections/follow/checkpoint.ts': 1,
  'projections/reconciliation/projection.int-test.ts': 2,
  'projections/serve/worker.int-test.ts': 2,
  'projections/versions/each-model.int-test.ts': 1,
  'projections/versions/newer-code.int-test.ts': 2,
  'read-side/accounts/payment-search.int-test.ts': 3,
  'read-side/accounts/queries.int-test.ts': 1,
  'read-side/accounts/rebuild.int-test.ts': 1,
  'read-side/accounts/search.int-test.ts': 1,
  'read-side/audit/audit.int-test.ts': 2,
  'write-side/event-log/event-log.contract.ts': 3,
  'write-side/event-log/fenced-log.contract.ts': 1,
  'write-side/event-log/kafka/faults.int-test.ts': 1,
  'write-side/event-log/kafka/record-batches.ts': 1,
  'write-side/handle/partition-owner.contract.ts': 2,
  'write-side/handle/partition-owner.test.ts': 1,
  'write-side/receive/report-workers.test.ts': 1,
  'write-side/receive/statements.test.ts': 5,
}

/** Comments are wrapped by hand; code is by the formatter, and what it leaves over the edge is a text. */
export function tooWide(sources: readonly Source[], grown: Grown = longTexts): string[] {
  const wide = sources
    .filter(({ path }) => isCode(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((content, index) => {
        const advice = `has ${content.length} characters, over ${MOST_CHARACTERS}: wrap it`
        const isComment = /^\s*(\/\*\*|\*|\/\/)/.test(content)
        return content.length > MOST_CHARACTERS ? [{ path, isComment, said: finding(path, index + 1, advice) }] : []
      }),
    )
  const comments = wide.filter(({ isComment }) => isComment).map(({ said }) => said)
  const texts = Map.groupBy(
    wide.filter(({ isComment }) => !isComment),
    ({ path }) => path,
  )
  const more = Array.from(texts).flatMap(([path, lines]) =>
    lines.length > (grown[path] ?? 0) ? lines.map(({ said }) => said) : [],
  )
  const stale = Object.entries(grown).flatMap(([path, allowed]) => {
    const now = texts.get(path)?.length ?? 0
    return now < allowed ? [`.ci/tidy-lengths.ts: ${path} has ${now} texts over the edge now: write that`] : []
  })
  return [...comments, ...more, ...stale]
}

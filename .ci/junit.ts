export type Case = {
  readonly file: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly durationMs: number
  /** Why it failed or was skipped. */
  readonly detail: string
}

/** The outcomes as the XML that JUnit made common and CI servers show. */
export function junitXml(cases: readonly Case[]): string {
  const files = [...new Set(cases.map(({ file }) => file))]
  const suites = files.map((file) =>
    suiteXml(
      file,
      cases.filter((one) => one.file === file),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}

function suiteXml(file: string, cases: readonly Case[]): string {
  const count = (outcome: Case['outcome']) => cases.filter((one) => one.outcome === outcome).length
  const counts = `tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}"`
  return `<testsuite name="${escaped(file)}" ${counts}>\n${cases.map(caseXml).join('')}</testsuite>\n`
}

function caseXml({ file, name, outcome, durationMs, detail }: Case): string {
  const attributes = `classname="${escaped(file)}" name="${escaped(name)}" time="${(durationMs / 1000).toFixed(3)}"`
  if (outcome === 'passed') return `<testcase ${attributes}/>\n`
  const first = escaped(detail.split('\n')[0] ?? '')
  const inside =
    outcome === 'skipped' ? `<skipped message="${first}"/>` : `<failure message="${first}">${escaped(detail)}</failure>`
  return `<testcase ${attributes}>${inside}</testcase>\n`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** XML 1.0 has no place for most control characters, not even escaped; ANSI colours bring some. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unfit = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function escaped(text: string): string {
  return text.replace(unfit, '\ufffd').replace(/[&<>"]/g, (character) => entities[character] ?? '')
}

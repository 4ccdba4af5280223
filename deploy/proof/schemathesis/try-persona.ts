import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { narrowed } from './narrowed.ts'

export type Tried = { readonly passed: boolean; readonly output: string }
export type Trial = {
  readonly python: string
  readonly url: string
  /** The text of /openapi.json. */
  readonly document: string
  readonly token: string
  /** So many requests at least, spread over all operations. */
  readonly cases: number
  readonly seed: number
  /** Beside what is drawn, each boundary of each parameter and body: some thousands of requests. */
  readonly boundaries: boolean
}

/** The version of schemathesis that its findings are known of. */
export const schemathesis = 'schemathesis==4.32.5'

const checks = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  ...['response_headers_conformance', 'response_schema_conformance'],
].join(',')

/** Asks everything that the document offers, as one person, in ways that fit and in ways that do not. */
export async function tryPersona({ python, url, document, token, cases, seed, boundaries }: Trial): Promise<Tried> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-schemathesis-'))
  try {
    const { text, operations } = narrowed(document)
    await writeFile(join(directory, 'openapi.json'), text)
    const args = [
      ...['-c', 'import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())', 'run'],
      ...['openapi.json', '--url', url, '-H', `Authorization: Bearer ${token}`, '--seed', String(seed)],
      ...[
        '-n',
        String(Math.ceil(cases / operations)),
        '--phases',
        boundaries ? 'coverage,fuzzing' : 'fuzzing',
        '--checks',
        checks,
      ],
      ...['--continue-on-failure', '--no-shrink', '--warnings', 'off', '--request-timeout', '60'],
    ]
    return await run(python, args, directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function run(python: string, args: readonly string[], cwd: string): Promise<Tried> {
  const child = spawn(python, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ passed: code === 0, output }))
  })
}

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { schemaFaults } from './sbom-schema.ts'

const usage = `npx pnpm@12 run bom: what the image of the services is made of, as a CycloneDX 1.6 bill of materials

  --out FILE     where it is written (bom.json)
  --check FILE   holds that file against the schema, and writes nothing
  --help         this text

Exit code: 0 when it fits the schema of CycloneDX, 1 when not, with what is wrong.
`
const repository = resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'bom.json' },
    check: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else {
  const bom: unknown = values.check === undefined ? makeBom() : JSON.parse(readFileSync(values.check, 'utf8'))
  const faults = schemaFaults(bom)
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
  else if (values.check === undefined) writeFileSync(values.out, `${JSON.stringify(bom, undefined, 2)}\n`)
}

/**
 * By what the lock file holds of the packages that the image installs, as deploy/images/Dockerfile names them, and of
 * the UI, which is built into it.
 */
function makeBom(): unknown {
  const dockerfile = readFileSync(resolve(repository, 'deploy/images/Dockerfile'), 'utf8')
  const installed = /^RUN .* install --prod [\s\S]*?[^\\]\n/m.exec(dockerfile)?.[0] ?? ''
  const filters = [...installed.matchAll(/--filter (\S+)/g)].flatMap(([, name = '']) => ['--filter', name])
  if (filters.length === 0) throw new Error('deploy/images/Dockerfile installs no package with --prod --filter')
  const asked = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application']
  const command = ['--yes', 'pnpm@12', '--silent', ...asked, '--prod', ...filters, '--filter', '@micropay/ui...']
  return JSON.parse(execFileSync('npx', command, { cwd: repository, encoding: 'utf8', maxBuffer: 64 << 20 }))
}

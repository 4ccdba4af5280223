import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { buildOverlay, manifestsIn, manifestsOf, Resource } from './build-overlay.ts'
import { Exceptions, type Finding, ofCheckov, ofKubeScore, unanswered } from './findings.ts'
import { ofDefinition, ofKubernetes, pathOf, Swagger, TEMPLATE, type Wanted } from './strict-schemas.ts'
import { definitionModules, KUBERNETES, moduleFolder, openTools } from './tools.ts'
import { kubernetesFolder, overlays } from './workloads.fixture.ts'

/**
 * `npx pnpm@12 check:kubernetes`: what kubectl makes of each overlay is what the tests of CI look at, fits the schemas
 * of the kinds, and kube-score and checkov have nothing against it that exceptions.yaml does not answer. `--crds
 * FOLDER` holds definitions of kinds that no package has (Strimzi, CloudNativePG), as a cluster or their sources have
 * them. Ends with 1 where something is not so.
 */
const { values } = parseArgs({ options: { crds: { type: 'string' } } })
const say = (line: string) => void process.stdout.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'micropay-check-kubernetes-'))
const faults: string[] = []
try {
  const tools = openTools(say)
  const definitions = definitionsFrom(values.crds)
  const swagger = Swagger.parse(
    JSON.parse(readFileSync(join(moduleFolder(KUBERNETES), 'api/openapi-spec/swagger.json'), 'utf8')),
  )
  const findings: Finding[] = []
  const schemas = join(folder, 'schemas')
  for (const overlay of overlays) {
    const path = join(kubernetesFolder, 'overlays', overlay)
    const text = execFileSync(tools.kubectl, ['kustomize', path], { encoding: 'utf8', maxBuffer: 64 << 20 })
    const built = manifestsOf(text).map((manifest) => Resource.parse(manifest))
    compare(overlay, built)
    const file = join(folder, `${overlay}.yaml`)
    writeFileSync(file, text)
    const unknown = writeSchemas(schemas, built, swagger, definitions)
    say(`${overlay}: ${built.length} resources`)
    if (unknown.length > 0) say(`  not looked at, for want of a schema: ${unknown.join(', ')}`)
    const asked = ['-strict', '-schema-location', join(schemas, TEMPLATE), '-skip', unknown.join(','), '-summary', file]
    const { status, stdout } = spawnSync(tools.kubeconform, asked, { encoding: 'utf8' })
    if (status !== 0) faults.push(`${overlay}: kubeconform\n${stdout}`)
    findings.push(...ofKubeScore(outputOf(tools.kubeScore, ['score', '--output-format', 'json', file])))
    const quietly = ['--framework', 'kubernetes', '--quiet', '--compact', '--output', 'json', '--file', file]
    findings.push(...ofCheckov(outputOf(tools.checkov, quietly)))
  }
  const exceptions = Exceptions.parse(manifestsIn(join(kubernetesFolder, 'exceptions.yaml'))[0])
  const { open, stale } = unanswered(findings, exceptions)
  for (const { tool, check, on, says } of open) faults.push(`${tool} ${check} on ${on}: ${says}`)
  for (const answer of stale) faults.push(`exceptions.yaml answers what nothing finds any more: ${answer}`)
  say(`${findings.length} findings of kube-score and checkov, of which exceptions.yaml answers all but ${open.length}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const fault of new Set(faults)) say(`FAILED: ${fault}`)
if (faults.length === 0) say('All of it is as it should be. Nothing of it was brought into a cluster.')
process.exitCode = faults.length === 0 ? 0 : 1

/** What the tests of CI build by themselves is what the real one builds, but for the hash in names of ConfigMaps. */
function compare(overlay: string, built: readonly Resource[]): void {
  const byName = (resources: readonly Resource[]) =>
    Object.fromEntries(resources.map((each) => [`${each.kind}/${each.metadata.name}`, inOneOrder(each)]).toSorted())
  const plain = JSON.parse(JSON.stringify(built).replace(/"(settings|log)-[a-z0-9]{10}"/g, '"$1"'))
  const own = buildOverlay(join(kubernetesFolder, 'overlays', overlay))
  assert.deepEqual(byName(own), byName(z.array(Resource).parse(plain)), overlay)
}

/** Lists of named items are compared in any order, since no order means anything in them but that of variables. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder).toSorted((one, other) => (text(one) < text(other) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, held]) => [key, inOneOrder(held)])
      .toSorted(),
  )
}

function text(value: unknown): string {
  return JSON.stringify(value)
}

function definitionsFrom(folderOfMore: string | undefined): readonly unknown[] {
  const own = Object.entries(definitionModules).map(([module, path]) => join(moduleFolder(module), path))
  const all = folderOfMore === undefined ? own : [...own, folderOfMore]
  return all.flatMap((path) => globSync(join(path, '*.yaml')).flatMap((file) => manifestsIn(file)))
}

/** Writes the schema of each kind; answers those that have none. */
function writeSchemas(into: string, built: readonly Resource[], swagger: Swagger, definitions: readonly unknown[]) {
  const kinds = new Map(
    built.map(({ apiVersion, kind }): [string, Wanted] => [`${apiVersion}/${kind}`, { apiVersion, kind }]),
  )
  return [...kinds].flatMap(([name, wanted]) => {
    const found =
      ofKubernetes(swagger, wanted) ?? definitions.map((each) => ofDefinition(each, wanted)).find((each) => each)
    if (!found) return [name]
    const path = join(into, pathOf(wanted))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(found))
    return []
  })
}

/** Both end with 1 where they find something: what they say tells whether they ran. */
function outputOf(program: string, args: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 })
  if (error) throw error
  if (!stdout.trim().startsWith('{') && !stdout.trim().startsWith('['))
    throw new Error(`${program}: ${stdout}${stderr}`)
  return stdout
}

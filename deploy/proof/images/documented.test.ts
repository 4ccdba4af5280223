import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { nodeFlags } from '@micropay/local/start/node-flags'

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8')
const mains = globSync('{write-side,gateway,{projections,read-side}/*}/main.ts', { cwd: repositoryRoot })
const issuerMain = 'deploy/local/issuer/issuer-main.ts'
const compose = read('docker-compose.yml')

test('services run with the same flags in the image as on the embedded default', () => {
  assert.ok(read('deploy/images/Dockerfile').includes(`ENV NODE_OPTIONS="${nodeFlags.join(' ')}"`))
})

test('Compose runs every service that there is', () => {
  assert.ok(mains.length >= 4)
  for (const main of [...mains, issuerMain]) assert.match(compose, new RegExp(`command: \\[node, ${main}\\]`))
})

test('every setting of Compose without a default is made by make-env.sh', () => {
  const made = new Set([...read('deploy/images/make-env.sh').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name))
  const needed = [...compose.matchAll(/\$\{([A-Z_]+)(:\?[^}]*)?\}/g)].map(([, name]) => name)
  assert.ok(needed.length > 10)
  assert.deepEqual(
    needed.filter((name) => !made.has(name)),
    [],
  )
})

test('make-env.sh gives a file that an older one made the passwords that it lacks, and changes no other', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-env-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const held = join(directory, '.env')
  writeFileSync(held, 'POSTGRES_PASSWORD=held\nLEASES_PASSWORD=old\nOIDC_ISSUER=https://issuer.example.com\n')
  const make = () => execFileSync('sh', [join(repositoryRoot, 'deploy/images/make-env.sh'), held], { encoding: 'utf8' })
  const lines = make().trim().split('\n')
  assert.ok(lines.length >= 14)
  for (const line of lines)
    assert.match(
      line,
      /^(?:REDIS|GRAFANA|(?:KAFKA|LEASES|ACCOUNTS|RECONCILIATION|AUDIT)_[A-Z]+)_PASSWORD=[0-9a-f]{64}$/,
    )
  writeFileSync(held, lines.join('\n'), { flag: 'a' })
  assert.equal(make(), '')
})

test('Compose publishes nothing beyond this machine', () => {
  const published = [...compose.matchAll(/ports: \[(.*)\]/g)].map(([, ports]) => ports ?? '')
  assert.equal(published.length, compose.match(/ports:/g)?.length)
  for (const port of published) assert.match(port, /^["']127\.0\.0\.1:[^,]*["']$/)
})

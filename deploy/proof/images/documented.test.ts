import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
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

test('Compose publishes nothing beyond this machine', () => {
  const published = [...compose.matchAll(/ports: \[(.*)\]/g)].map(([, ports]) => ports ?? '')
  assert.equal(published.length, compose.match(/ports:/g)?.length)
  for (const port of published) assert.match(port, /^["']127\.0\.0\.1:[^,]*["']$/)
})

test('Compose bounds the log of every container, by the size of a file and the number of them', () => {
  const blockOf = (name: string, text: string, indent: string) =>
    new RegExp(`^${indent}${name}:.*\\n((?:${indent}  .*\\n|\\n)+)`, 'm').exec(text)?.[1] ?? ''
  assert.match(blockOf('x-logging', compose, ''), /^ {2}options: \{ max-size: [1-9]\d*m, max-file: "[1-9]\d*" \}$/m)
  assert.match(blockOf('x-service', compose, ''), /^ {2}logging: \*logging$/m)
  const services = blockOf('services', compose, '')
  const names = [...services.matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => String(name))
  assert.ok(names.length > mains.length)
  for (const name of names) {
    const block = blockOf(name, services, '  ')
    assert.match(block, /^ {4}(<<: \*service|logging: \*logging)$/m, name)
    assert.equal(block.match(/logging:/g)?.length ?? 0, block.includes('<<: *service') ? 0 : 1, name)
  }
})

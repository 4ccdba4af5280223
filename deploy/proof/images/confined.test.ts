import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { serviceTable } from '@micropay/local/start/service-table'

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8')
const compose = read('docker-compose.yml')

/** What stands below a key, with its indentation. */
function blockOf(name: string, text: string, indent = ''): string {
  return new RegExp(`^${indent}${name}:.*\\n((?:${indent}  .*\\n|\\n)+)`, 'm').exec(text)?.[1] ?? ''
}

const services = blockOf('services', compose)
const names = [...services.matchAll(/^ {2}([a-z0-9-]+):$/gm)].map(([, name]) => String(name))
const confinement = ['logging', 'read_only', 'cap_drop', 'security_opt', 'mem_limit', 'pids_limit']

test('what confines containers bounds their logs, memory and processes, and lets them write and gain nothing', () => {
  const confined = blockOf('x-confined', compose)
  for (const line of [
    /^ {2}logging: \*logging$/m,
    /^ {2}read_only: true$/m,
    /^ {2}cap_drop: \[ALL\]$/m,
    /^ {2}security_opt: \["no-new-privileges=true"\]$/m,
    /^ {2}mem_limit: [1-9]\d*[mg]$/m,
    /^ {2}pids_limit: [1-9]\d*$/m,
  ]) {
    assert.match(confined, line)
  }
  assert.match(blockOf('x-logging', compose), /^ {2}options: \{ max-size: [1-9]\d*m, max-file: "[1-9]\d*" \}$/m)
  const service = blockOf('x-service', compose)
  assert.match(service, /^ {2}<<: \*confined$/m)
  assert.match(service, /^ {2}user: "1000:1000"$/m)
})

test('every container of Compose is confined so, none of them takes it back, and none runs as root', () => {
  assert.ok(names.length > serviceTable.length + 3, names.join(' '))
  for (const name of names) {
    const block = blockOf(name, services, '  ')
    const [, begun] = /^ {4}<<: \*(service|confined)$/m.exec(block) ?? []
    assert.ok(begun, `${name} begins from x-service or x-confined`)
    for (const key of confinement) {
      const given = new RegExp(`^ {4}${key}: (.*)$`, 'm').exec(block)?.[1]
      const isOtherLimit = key.endsWith('_limit') && /^[1-9]\d*[mg]?$/.test(given ?? '')
      assert.ok(given === undefined || isOtherLimit, `${name} has ${key} of its own`)
    }
    assert.doesNotMatch(block, /privileged|cap_add|network_mode|pid: host|\/var\/run\/docker/, name)
    const user = /^ {4}user: "(\d+):\d+"$/m.exec(block)?.[1]
    assert.ok(begun === 'service' ? user === undefined : Number(user) > 0, `${name} runs as a user of its own`)
  }
})

test('each image that is not built here can be pinned, and each is made by an exact pnpm', () => {
  const images = [...compose.matchAll(/^ +(?:image|NODE_IMAGE): (.*)$/gm)].map(([, image]) => String(image))
  for (const image of images)
    assert.match(image, /^(micropay(-issuer|-certificates)?:\$\{|\$\{[A-Z]+_IMAGE:-[a-z0-9./-]+:[\w.-]+\}$)/)
  const dockerfile = read('deploy/images/Dockerfile')
  const pnpm = [...dockerfile.matchAll(/pnpm@(\S+)/g)].map(([, version]) => String(version))
  assert.ok(pnpm.length >= 2)
  for (const version of pnpm) assert.match(version, /^\d+\.\d+\.\d+$/)
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => String(base))
  for (const base of bases) assert.match(base, /^(\$\{NODE_IMAGE\}|manifests|base)$/)
})

/** Runs pin.sh with a Docker that answers so: what it says is the shell's. */
function pin(context: { after(work: () => void): void }, digest: string) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-pin-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const answers = `#!/bin/sh\n[ "$1" = pull ] || printf '%s\\n' "name@${digest}"\n`
  writeFileSync(join(directory, 'docker'), answers)
  chmodSync(join(directory, 'docker'), 0o755)
  const env = { PATH: `${directory}:${process.env.PATH}` }
  return spawnSync('sh', [join(repositoryRoot, 'deploy/images/pin.sh')], { encoding: 'utf8', env })
}

test('pin.sh prints every image of Compose with its digest, and none where there is no digest', (context) => {
  const digest = `sha256:${'0f'.repeat(32)}`
  const pinned = pin(context, digest)
  assert.equal(pinned.status, 0, pinned.stderr)
  const wanted = new Set(
    [...compose.matchAll(/\$\{([A-Z]+_IMAGE):-([^}]+)\}/g)].map(([, name, image]) => `${name}=${image}`),
  )
  assert.ok(wanted.size >= 5)
  assert.deepEqual(
    pinned.stdout.trim().split('\n').toSorted(),
    [...wanted].map((line) => `${line}@${digest}`).toSorted(),
  )
  const built = pin(context, '<no value>')
  assert.equal(built.status, 1)
  assert.match(built.stderr, /has no digest here/)
  assert.equal(built.stdout, '')
})

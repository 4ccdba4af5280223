import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubernetesFolder, overlays, resourcesOf, workloadsOf } from './workloads.fixture.ts'

/** Runs the script with a kubectl that writes down what it is asked, and fails at what has this in it. */
function rollOut(context: { after(work: () => void): void }, failsAt = 'nothing') {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-roll-out-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const asked = join(directory, 'asked')
  const kubectl = ['#!/bin/sh', `echo "$*" >> ${asked}`, `case "$*" in *"${failsAt}"*) exit 1;; esac`].join('\n')
  writeFileSync(join(directory, 'kubectl'), kubectl)
  chmodSync(join(directory, 'kubectl'), 0o755)
  const env = { PATH: `${directory}:${process.env.PATH}` }
  const { status } = spawnSync('sh', [join(kubernetesFolder, 'roll-out.sh'), 'staging'], { env })
  return { status, asked: readFileSync(asked, 'utf8').trim().split('\n') }
}

/** What a selector of the script takes: all that is of no tier and no step, or of one of them. */
const selectors = [
  '!micropay.io/tier,!micropay.io/step',
  ...['micropay.io/step=prepare', 'micropay.io/tier=projection', 'micropay.io/tier=read-side'],
  ...['micropay.io/tier=write-side', 'micropay.io/tier=gateway'],
]

test('a release prepares first, brings readers before writers, and the gateway last', (context) => {
  const { status, asked } = rollOut(context)
  assert.equal(status, 0)
  const applied = asked.filter((line) => line.startsWith('apply'))
  assert.deepEqual(
    applied.map((line) => line.replace(/^.*--selector /, '')),
    selectors,
  )
  for (const tier of ['projection', 'read-side', 'write-side', 'gateway']) {
    const begun = asked.findIndex((line) => line.endsWith(`micropay.io/tier=${tier}`))
    assert.match(asked[begun + 1] ?? '', new RegExp(`^rollout status .*micropay.io/tier=${tier} --timeout=15m$`))
  }
})

test('what does not come up leaves all that would have followed as it was', (context) => {
  const { status, asked } = rollOut(context, 'tier=read-side --timeout')
  assert.notEqual(status, 0)
  assert.match(asked.at(-1) ?? '', /^rollout status .*tier=read-side/)
  assert.ok(!asked.some((line) => line.includes('write-side')))
})

test('the steps of a release take every resource once', () => {
  for (const overlay of overlays) {
    for (const { kind, metadata } of resourcesOf(overlay)) {
      const { 'micropay.io/tier': tier, 'micropay.io/step': step } = metadata.labels
      assert.ok(tier === undefined || step === undefined, metadata.name)
      const selector = tier === undefined ? step && `micropay.io/step=${step}` : `micropay.io/tier=${tier}`
      assert.ok(selector === undefined || selectors.includes(selector), `${kind} ${metadata.name}: ${selector}`)
    }
    const unlabelled = workloadsOf(overlay).filter(({ labels }) => labels['micropay.io/tier'] === undefined)
    const expected = overlay === 'local' ? ['databases', 'issuer'] : ['databases', 'valkey']
    assert.deepEqual(unlabelled.map(({ name }) => name).toSorted(), expected)
  }
})

test('pin.sh writes an image by its digest, and takes none without', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-pin-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  cpSync(kubernetesFolder, directory, { recursive: true })
  const file = join(directory, 'overlays/production/kustomization.yaml')
  const before = readFileSync(file, 'utf8')
  const pin = (...args: readonly string[]) =>
    spawnSync('sh', [join(directory, 'pin.sh'), ...args], { encoding: 'utf8' })
  for (const wrong of ['registry.example.com/micropay:latest', 'micropay@sha256:0f', `a|b@sha256:${'0f'.repeat(32)}`]) {
    assert.equal(pin('production', 'micropay', wrong).status, 1)
  }
  assert.match(pin('production', 'redis', `redis@sha256:${'0f'.repeat(32)}`).stderr, /has no image of the name redis/)
  assert.equal(readFileSync(file, 'utf8'), before)
  const digest = `sha256:${'0f'.repeat(32)}`
  const pinned = pin('production', 'micropay', `registry.bank.example/pay/micropay@${digest}`)
  assert.equal(pinned.status, 0, pinned.stderr)
  const after = readFileSync(file, 'utf8')
  const block = `  - name: micropay\n    newName: registry.bank.example/pay/micropay\n    digest: ${digest}\n`
  assert.ok(after.includes(block), after)
  assert.match(after, /- name: valkey\n {4}newName: valkey\/valkey\n {4}digest: sha256:0{64}/)
})

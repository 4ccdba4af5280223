import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const image = (digit: string) => `registry.example.com/micropay@sha256:${digit.repeat(64)}`

/** A cluster that notes what it is told: annotations are files, and what is asked of it a line each. */
function cluster(context: { after(work: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-release-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const program = (name: string, text: string) => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}`)
    chmodSync(join(directory, name), 0o755)
  }
  program(
    'kubectl',
    `echo "kubectl $*" >>told
case "$1 $2" in
  "get namespace") for last; do :; done; name="\${last##*io/}"; cat "note-\${name%\\}}" 2>/dev/null || true ;;
  "annotate namespace") shift 4; for note; do name="\${note%%=*}"; printf %s "\${note#*=}" >"note-\${name#*/}"; done ;;
esac
case "$*" in *"\${FAILS:-nothing}"*) exit 1 ;; esac
`,
  )
  program('cosign', `echo "cosign $*" >>told\ncase "$*" in *"\${UNSIGNED:-nothing}"*) exit 1 ;; esac\n`)
  mkdirSync(join(directory, 'kubernetes'))
  program('kubernetes/pin.sh', 'echo "pin $*" >>told\n')
  program('kubernetes/roll-out.sh', `echo "roll-out $*" >>told\nexit "\${ROLL_OUT_ENDS:-0}"\n`)
  const run = (script: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    rmSync(join(directory, 'told'), { force: true })
    const settings = { KUBERNETES_DIRECTORY: join(directory, 'kubernetes'), COSIGN_PUBLIC_KEY: 'key.pub' }
    const env = { PATH: `${directory}:${process.env.PATH}`, ...settings, ...more }
    const ended = spawnSync('sh', [join(import.meta.dirname, script), ...args], {
      cwd: directory,
      env,
      encoding: 'utf8',
    })
    const told = existsSync(join(directory, 'told')) ? readFileSync(join(directory, 'told'), 'utf8').split('\n') : []
    return { ...ended, told: told.filter((line) => !/^(kubectl get|cosign)/.test(line)), cosign: told.join('\n') }
  }
  const noted = (name: string) => readFileSync(join(directory, `note-${name}`), 'utf8')
  return { run, noted }
}

test('a roll-out takes a signed image alone, and nothing is changed for another', (context) => {
  const { run } = cluster(context)
  const refused = run('roll-out.sh', ['staging', image('1')], { UNSIGNED: image('1') })
  assert.notEqual(refused.status, 0)
  assert.deepEqual(refused.told.filter(Boolean), [])
})

test('roll-back goes to what ran before the last roll-out, readers last, and once more goes forward', (context) => {
  const { run, noted } = cluster(context)
  for (const digit of ['1', '2']) assert.equal(run('roll-out.sh', ['production', image(digit)]).status, 0)
  assert.deepEqual([noted('image'), noted('image-before')], [image('2'), image('1')])
  const back = run('roll-back.sh', ['production'])
  assert.equal(back.status, 0, back.stderr)
  assert.match(back.cosign, new RegExp(`cosign verify .*${image('1')}`))
  assert.equal(back.told[0], `pin production micropay ${image('1')}`)
  const tiers = back.told.flatMap((line) => /apply .*tier=([a-z-]+)$/.exec(line)?.[1] ?? [])
  assert.deepEqual(tiers, ['write-side', 'gateway', 'read-side', 'projection'])
  assert.deepEqual([noted('image'), noted('image-before')], [image('1'), image('2')])
  assert.equal(run('roll-back.sh', ['production']).told[0], `pin production micropay ${image('2')}`)
})

test('a roll-out that failed half-way, and was tried again, still knows what ran before it', (context) => {
  const { run, noted } = cluster(context)
  run('roll-out.sh', ['production', image('1')])
  assert.equal(run('roll-out.sh', ['production', image('2')], { ROLL_OUT_ENDS: '1' }).status, 1)
  assert.equal(run('roll-out.sh', ['production', image('2')], { ROLL_OUT_ENDS: '1' }).status, 1)
  assert.deepEqual([noted('image'), noted('image-trying')], [image('1'), image('2')])
  assert.equal(run('roll-back.sh', ['production']).told[0], `pin production micropay ${image('1')}`)
  assert.deepEqual([noted('image'), noted('image-before'), noted('image-trying')], [image('1'), image('2'), ''])
})

test('one that never came up is not gone back to, whatever was rolled out since', (context) => {
  const { run } = cluster(context)
  run('roll-out.sh', ['production', image('1')])
  assert.equal(run('roll-out.sh', ['production', image('2')], { ROLL_OUT_ENDS: '1' }).status, 1)
  assert.equal(run('roll-out.sh', ['production', image('3')]).status, 0)
  assert.equal(run('roll-back.sh', ['production']).told[0], `pin production micropay ${image('1')}`)
})

test('roll-back ends at the tier that does not come up, and says what to do where nothing ran before', (context) => {
  const { run } = cluster(context)
  run('roll-out.sh', ['production', image('1')])
  const first = run('roll-back.sh', ['production'])
  assert.equal(first.status, 1)
  assert.match(first.stderr, /no image is noted that ran before .*: name one by roll-out\.sh/)
  run('roll-out.sh', ['production', image('2')])
  const stuck = run('roll-back.sh', ['production'], {
    FAILS: 'status deployment,statefulset --namespace micropay --selector micropay.io/tier=gateway',
  })
  assert.notEqual(stuck.status, 0)
  assert.ok(!stuck.told.some((line) => line.includes('tier=projection')), stuck.told.join('\n'))
})

test('an image is signed by its digest alone, with its bill of materials', (context) => {
  const { run } = cluster(context)
  const named = run('sign-image.sh', ['registry.example.com/micropay:1.2.0', 'bom.json'], { COSIGN_KEY: 'key' })
  assert.equal(named.status, 1)
  assert.match(named.stderr, /an image is signed by its digest; this is registry\.example\.com\/micropay:1\.2\.0/)
  const signed = run('sign-image.sh', [image('1'), 'bom.json'], { COSIGN_KEY: 'key', TLOG: 'no' })
  assert.equal(signed.status, 0, signed.stderr)
  assert.match(signed.cosign, new RegExp(`cosign sign --yes --tlog-upload=false --key key ${image('1')}\n`))
  assert.match(signed.cosign, /cosign attest .*--type cyclonedx --predicate bom\.json/)
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

/** The check where these programs are, each answering to nothing but its `succeeds`; the shell makes the settings. */
function checkWith(context: { after(work: () => void): void }, succeeds: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-no-docker-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  for (const [program, asked] of Object.entries(succeeds)) {
    writeFileSync(join(directory, program), `#!/bin/sh\n[ "$1" = ${asked} ]\n`)
    chmodSync(join(directory, program), 0o755)
  }
  writeFileSync(join(directory, 'sh'), '#!/bin/sh\nexit 0\n')
  chmodSync(join(directory, 'sh'), 0o755)
  const env = { PATH: directory, TMPDIR: directory }
  return spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts')], { encoding: 'utf8', env })
}

for (const [title, programs, missing] of [
  ['Docker', {}, /^FAILED: nothing was checked: a Docker engine is needed, and `docker info` does not answer/],
  ['an engine that answers', { docker: '--version' }, /a Docker engine is needed/],
  ['Compose', { docker: 'info' }, /^FAILED: nothing was checked: Compose is needed/],
] as const) {
  test(`without ${title} the check of images fails, and says in one line what is missing`, (context) => {
    const { status, stdout, stderr } = checkWith(context, programs)
    assert.equal(status, 1)
    assert.match(stdout, missing)
    assert.equal(`${stdout}${stderr}`.trim().split('\n').length, 1, `${stdout}${stderr}`)
  })
}

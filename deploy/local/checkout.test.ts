import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commitOf, pnpmCommand } from './checkout.ts'

test('dependencies are installed by the pnpm that runs us, a program or a script', () => {
  const environment = { npm_execpath: '/opt/pnpm', npm_config_user_agent: 'pnpm/12.21.0 npm/? node/? linux x64' }
  assert.deepEqual(pnpmCommand(environment, 'linux'), { command: '/opt/pnpm', args: [], shell: false })
  const script = { ...environment, npm_execpath: '/opt/pnpm.cjs' }
  assert.deepEqual(pnpmCommand(script, 'linux'), { command: process.execPath, args: ['/opt/pnpm.cjs'], shell: false })
})

test('without a pnpm around us npx finds one', () => {
  const byNpx = { command: 'npx', args: ['--yes', '--prefer-offline', 'pnpm@12'], shell: false }
  assert.deepEqual(pnpmCommand({}, 'linux'), byNpx)
  const npm = { npm_execpath: '/opt/npm-cli.js', npm_config_user_agent: 'npm/11.0.0 node/v24' }
  assert.deepEqual(pnpmCommand(npm, 'linux'), byNpx)
  assert.deepEqual(pnpmCommand({}, 'win32'), { ...byNpx, shell: true })
})

test('a revision names a commit, and one that is unknown or no revision at all names none', async () => {
  const repository = fileURLToPath(new URL('../..', import.meta.url))
  assert.match((await commitOf(repository, 'HEAD'))?.hash ?? '', /^[0-9a-f]{10}$/)
  assert.equal(await commitOf(repository, 'no-such-branch'), undefined)
  assert.equal(await commitOf(repository, '--all'), undefined)
})

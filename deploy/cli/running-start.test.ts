import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeRunning } from '@micropay/local/running'
import { runningStart } from './running-start.ts'

const home = await mkdtemp(join(tmpdir(), 'micropay-running-'))
after(() => rm(home, { recursive: true, force: true }))

/** A process that is called as `start` is. */
async function standIn(): Promise<ChildProcess> {
  const program = join(home, 'start.ts')
  await writeFile(program, 'setInterval(() => {}, 1000)\nconsole.log("up")\n')
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] })
  if (child.stdout) await once(child.stdout, 'data')
  return child
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('who runs in a state directory is told from one that has ended, and from another at its address', async () => {
  let answer: object = { status: 'ready', instance: 'mine' }
  const issuer = createServer((_request, response) => response.end(JSON.stringify(answer)))
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
  const address = issuer.address()
  assert.ok(address && typeof address === 'object')
  const url = `http://127.0.0.1:${address.port}`
  assert.equal(await runningStart(home), undefined)

  const child = await standIn()
  const running = {
    pid: child.pid ?? 0,
    instance: 'mine',
    url,
    issuer: url,
    logEnvironment: {},
    services: {},
    stateDirectories: [],
    readModels: {},
    workerTls: {},
  }
  await writeRunning(home, { ...running, log: 'postgres' })
  assert.equal((await runningStart(home))?.url, url)
  for (const other of [{ status: 'ready', instance: 'other' }, { error: 'not_found' }]) {
    answer = other
    await assert.rejects(runningStart(home), new RegExp(`another MicroPay than that of ${home} answers at ${url}`))
  }
  await end(child)
  await assert.rejects(runningStart(home), new RegExp(`process ${child.pid}\\) has ended.*--url`))
  issuer.close()

  const still = await standIn()
  await writeRunning(home, { ...running, log: 'postgres', pid: still.pid ?? 0 })
  assert.equal((await runningStart(home))?.url, url, 'an issuer that does not answer is not another')
  await end(still)
})

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parentListens } from './listen.ts'

const program = fileURLToPath(new URL('./listen.fixture.ts', import.meta.url))
const limits = { timeout: 20_000 }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function start(environment: Readonly<Record<string, string>>) {
  const port = await freePort()
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, PORT: String(port), ...environment },
  })
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += String(chunk)
  })
  const said = async () => {
    while (!output.includes('\n')) await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')])
    return output.trim()
  }
  return { child, said, url: `http://127.0.0.1:${port}` }
}

async function end(child: ChildProcess): Promise<number | null> {
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  const [code] = await closed
  return code
}

test('a service whose parent holds no address opens its own', limits, async () => {
  const { child, said, url } = await start({})
  assert.equal(await said(), 'open')
  assert.equal(await (await fetch(url)).text(), 'here')
  assert.equal(await end(child), 0)
})

test(
  'one whose parent gave the socket away before binds the port itself, and says that it listens',
  limits,
  async () => {
    const { child, said, url } = await start({ [parentListens]: 'yes' })
    const [asked] = await once(child, 'message')
    assert.deepEqual(asked, { kind: 'wants to listen' })
    const listens = once(child, 'message')
    child.send({ kind: 'free' })
    assert.equal(await said(), 'open')
    assert.deepEqual((await listens)[0], { kind: 'listens' })
    assert.equal(await (await fetch(url)).text(), 'here')
    assert.equal(await end(child), 0)
  },
)

test('one whose parent ends before it can listen ends too, in order', limits, async () => {
  const { child } = await start({ [parentListens]: 'yes' })
  await once(child, 'message')
  const ended = once(child, 'exit')
  child.disconnect()
  assert.deepEqual(await ended, [0, null])
})

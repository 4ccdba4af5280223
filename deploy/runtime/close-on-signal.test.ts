import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const service = fileURLToPath(new URL('./close-on-signal.fixture.ts', import.meta.url))

function start() {
  const child = spawn(process.execPath, [service], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += String(chunk)
  })
  return { child, output: () => output }
}

test('a service whose log nobody reads any more still closes in time', { timeout: 20_000 }, async () => {
  const { child } = start()
  await once(child, 'message')
  child.stdout?.destroy()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 5_000)
  assert.deepEqual(await ended, [0, null])
  clearTimeout(giveUp)
})

test('what a service says last is read by those who listen', { timeout: 20_000 }, async () => {
  const { child, output } = start()
  await once(child, 'message')
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
  assert.match(output(), /"reason":"SIGTERM","msg":"closing"\}\n.*"line":99.*"msg":"closed"\}\n$/s)
})

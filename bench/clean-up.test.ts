import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withCleanUp } from './clean-up.ts'

test('undoes what was left, last first, and gives what the work gave', async () => {
  const undone: string[] = []
  const given = await withCleanUp(async (defer) => {
    defer(async () => undone.push('first'))
    defer(async () => undone.push('second'))
    return 7
  })
  assert.deepEqual([given, undone], [7, ['second', 'first']])
})

test('undoes it when the work fails, and tells the failure', async () => {
  const undone: string[] = []
  const failing = withCleanUp(async (defer) => {
    defer(async () => undone.push('only'))
    throw new Error('no speed today')
  })
  await assert.rejects(failing, /no speed today/)
  assert.deepEqual(undone, ['only'])
})

const program = `
import { withCleanUp } from ${JSON.stringify(fileURLToPath(new URL('clean-up.ts', import.meta.url)))}
const slowly = (text) => () => new Promise((resolve) => setTimeout(() => resolve(console.log(text)), 50))
await withCleanUp(async (defer) => {
  defer(slowly('outer'))
  await withCleanUp(async (deferInner) => {
    deferInner(slowly('inner'))
    console.log('ready')
    await new Promise((resolve) => setTimeout(resolve, 30_000))
  })
})`

test('on Ctrl-C all is undone, the inner first, before the process ends', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
    if (said === 'ready\n') child.kill('SIGINT')
  })
  const [code] = await once(child, 'close')
  assert.deepEqual([code, said], [130, 'ready\ninner\nouter\n'])
})

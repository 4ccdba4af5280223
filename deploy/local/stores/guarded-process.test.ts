import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { startGuarded } from './guarded-process.ts'

const windows = process.platform === 'win32' && 'the guard is a POSIX shell'

test('a server process dies with the process that started it, kill -9 included', { skip: windows }, async () => {
  const heard = createServer().listen(0, '127.0.0.1')
  await once(heard, 'listening')
  const address = heard.address()
  assert(address && typeof address === 'object')
  const server = `require('node:net').connect(${address.port}, '127.0.0.1'); setInterval(() => {}, 1000)`
  const starter = `
    import { startGuarded } from ${JSON.stringify(new URL('./guarded-process.ts', import.meta.url).href)}
    startGuarded({ command: process.execPath, args: ['-e', ${JSON.stringify(server)}], stopSignal: 'TERM' })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', starter], { stdio: 'ignore' })
  const [connection] = await once(heard, 'connection')
  connection.on('error', () => undefined)

  parent.kill('SIGKILL')
  await once(connection, 'close')
  heard.close()
})

test('a stopped server gets its signal and is waited for; what it said last is kept', { skip: windows }, async () => {
  const program = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); setInterval(() => {}, 1000); console.log('up')`
  const server = startGuarded({ command: process.execPath, args: ['-e', program], stopSignal: 'TERM' })
  assert.equal(await server.saidLine('up'), 'up')
  await server.stop()
  assert.deepEqual(await server.exited, { code: 0, lastLines: ['up', 'bye'] })
})

test('waiting for a line of a server that ends before is an error with what it said', { skip: windows }, async () => {
  const server = startGuarded({ command: '/bin/sh', args: ['-c', 'echo broken; exit 3'], stopSignal: 'TERM' })
  await assert.rejects(server.saidLine('ready'), /ended with code 3:\nbroken/)
})

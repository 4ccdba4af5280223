import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { openWire, type WireMode } from './wire.ts'

/** Answers each line with itself, in capitals. */
const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => socket.write(bytes.toString().toUpperCase()))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const port = address !== null && typeof address === 'object' ? address.port : 0
after(() => server.close())

async function connected() {
  const wire = await openWire(() => port)
  const socket = connect(wire.port, '127.0.0.1')
  await once(socket, 'connect')
  const close = async () => {
    socket.destroy()
    await wire.close()
  }
  assert.equal(await asked(socket, 'first'), 'FIRST')
  return { wire, socket, [Symbol.asyncDispose]: close }
}

async function asked(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [answer] = await once(socket, 'data')
  return String(answer)
}

/** How a connection ends. */
function ending(socket: Socket): Promise<string> {
  let how = 'ended'
  socket.on('error', (error) => {
    how = 'code' in error ? String(error.code) : error.message
  })
  return new Promise((resolve) => socket.once('close', () => resolve(how)))
}

for (const [mode, how] of [
  ['reset', 'ECONNRESET'],
  ['ended', 'ended'],
] as const) {
  test(`${mode}: open connections and new ones end, until it is over`, async () => {
    await using opened = await connected()
    const open = ending(opened.socket)
    opened.socket.resume()
    opened.wire.set(mode)
    assert.equal(await open, how)
    const late = connect(opened.wire.port, '127.0.0.1')
    late.resume()
    assert.equal(await ending(late), how)
    opened.wire.set('pass')
    const again = connect(opened.wire.port, '127.0.0.1')
    assert.equal(await asked(again, 'again'), 'AGAIN')
    again.destroy()
    assert.equal(opened.wire.struck(), 2)
  })
}

test('torn: half of an answer comes, and then a reset', async () => {
  await using opened = await connected()
  opened.wire.set('torn')
  const end = ending(opened.socket)
  assert.equal(await asked(opened.socket, 'four'), 'FO')
  assert.equal(await end, 'ECONNRESET')
})

for (const mode of ['silent', 'answers only', 'questions only'] satisfies WireMode[]) {
  test(`${mode}: what was swallowed never comes, and the connection stays open and silent`, async () => {
    await using opened = await connected()
    opened.wire.set(mode)
    opened.socket.write('lost')
    while (opened.wire.struck() === 0) await new Promise((resolve) => setImmediate(resolve))
    opened.wire.set('pass')
    const other = connect(opened.wire.port, '127.0.0.1')
    assert.equal(await asked(other, 'new'), 'NEW')
    other.destroy()
    opened.socket.write('later')
    assert.equal(opened.socket.bytesRead, 'FIRST'.length)
    assert.equal(opened.socket.readyState, 'open')
  })
}

test('stalled: what was kept comes when it is over', async () => {
  await using opened = await connected()
  opened.wire.set('stalled')
  const answer = asked(opened.socket, 'late')
  while (opened.wire.struck() === 0) await new Promise((resolve) => setImmediate(resolve))
  opened.wire.set('pass')
  assert.equal(await answer, 'LATE')
})

test('slow: a long answer comes piece by piece, and whole', async () => {
  await using opened = await connected()
  opened.wire.set('slow')
  const text = 'x'.repeat(1_000)
  opened.socket.write(text)
  let answer = ''
  for await (const bytes of opened.socket) {
    answer += String(bytes)
    if (answer.length >= text.length) break
  }
  assert.equal(answer, text.toUpperCase())
})

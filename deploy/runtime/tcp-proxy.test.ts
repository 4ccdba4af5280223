import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openTcpProxy, type ProxyMode, type TcpProxy } from './tcp-proxy.fixture.ts'

test('hands on what passes, and slowly too', async () => {
  await using echo = await openEcho()
  await using proxy = await openTcpProxy(echo)
  const client = await open(proxy)
  assert.equal(await answer(client, 'a'), 'a')
  proxy.set('slow')
  assert.equal(await answer(client, 'b'), 'b')
  client.destroy()
})

for (const mode of ['hold', 'answersOnly'] satisfies ProxyMode[]) {
  test(`${mode} swallows what is asked, and that connection stays silent while a new one passes`, async () => {
    await using echo = await openEcho()
    await using proxy = await openTcpProxy(echo)
    const silent = await open(proxy)
    assert.equal(await answer(silent, 'a'), 'a')
    let heard = 0
    silent.on('data', () => {
      heard += 1
    })
    proxy.set(mode)
    silent.write('b')
    const late = await open(proxy)
    late.write('c')
    while (proxy.swallowedBytes() < 'bc'.length) await setImmediate()
    proxy.set('pass')
    const fresh = await open(proxy)
    assert.equal(await answer(fresh, 'd'), 'd')
    silent.write('e')
    while (proxy.swallowedBytes() < 'bce'.length) await setImmediate()
    assert.equal(await answer(fresh, 'f'), 'f')
    assert.equal(heard, 0)
    assert.equal(silent.destroyed, false, 'the connection stays open')
    for (const socket of [silent, late, fresh]) socket.destroy()
  })
}

test('cut breaks off what is open, and takes nobody until it passes again', async () => {
  await using echo = await openEcho()
  await using proxy = await openTcpProxy(echo)
  const broken = await open(proxy)
  assert.equal(await answer(broken, 'a'), 'a')
  proxy.set('cut')
  await closed(broken)
  const refused = connect(proxy.port, proxy.host)
  refused.on('error', () => undefined)
  await closed(refused)
  proxy.set('pass')
  const fresh = await open(proxy)
  assert.equal(await answer(fresh, 'b'), 'b')
  fresh.destroy()
})

async function open({ host, port }: TcpProxy): Promise<Socket> {
  const socket = connect(port, host)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())))
}

async function answer(socket: Socket, text: string): Promise<string> {
  const answered = once(socket, 'data')
  socket.write(text)
  return String((await answered)[0])
}

async function openEcho() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

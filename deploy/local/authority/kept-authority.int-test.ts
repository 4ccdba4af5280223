import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, slipping } from '@micropay/runtime/hand-clock.fixture'
import { startIssuing } from './kept-authority.ts'

let home: string
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'micropay-authority-'))
})
after(() => rm(home, { recursive: true }))

const read = async (path: string) => new X509Certificate(await readFile(path))
const say = (text: string) => assert.fail(text)
const DAY_MS = 86_400_000

test('an installation keeps its authority, and renews certificates at half of their life', async () => {
  const directory = join(home, 'kept')
  const clock = createHandClock()
  const options = { directory, services: ['accounts', 'gateway'], clock, say }
  const issuing = await startIssuing(options)
  const { cert, key, ca } = issuing.paths('accounts')
  const first = await read(cert)
  assert.equal(first.validToDate.getTime() - clock.nowMs(), 7 * DAY_MS)
  assert.match(String(first.subjectAltName), /^URI:spiffe:\/\/micropay.local\/accounts, /)
  clock.advance(3.4 * DAY_MS)
  await systemClock.sleep(50)
  assert.equal((await read(cert)).serialNumber, first.serialNumber)
  clock.advance(0.2 * DAY_MS)
  while ((await read(cert)).serialNumber === first.serialNumber) await systemClock.sleep(5)
  issuing.close()

  const authority = await read(ca)
  const again = await startIssuing(options)
  again.close()
  assert.equal((await read(ca)).serialNumber, authority.serialNumber)
  assert.ok((await read(cert)).verify(authority.publicKey))
  assert.match(await readFile(key, 'utf8'), /PRIVATE KEY/)
  for (const name of await readdir(directory)) {
    assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name)
  }
  assert.equal((await stat(directory)).mode & 0o777, 0o700)

  clock.advance(340 * DAY_MS)
  const said: string[] = []
  const later = await startIssuing({ ...options, say: (text) => said.push(text) })
  later.close()
  assert.match(said.join('\n'), /^ {2}certificates: the development authority ends soon: a new one is made$/)
  assert.notEqual((await read(ca)).serialNumber, authority.serialNumber)
})

test('an authority that is damaged, or whose key is of another one, is replaced by a start that says so', async () => {
  const directory = join(home, 'damaged')
  const other = join(home, 'other')
  const said: string[] = []
  const clock = createHandClock()
  const startIn = async (folder: string) => {
    const issuing = await startIssuing({
      directory: folder,
      services: ['accounts'],
      clock,
      say: (text) => said.push(text),
    })
    issuing.close()
    const { cert, ca } = issuing.paths('accounts')
    assert.ok((await read(cert)).verify((await read(ca)).publicKey), 'it issues what its own certificate leads to')
  }
  await startIn(directory)
  await startIn(other)
  assert.deepEqual(said, [])
  await writeFile(join(directory, 'authority.key'), '')
  await startIn(directory)
  await writeFile(join(directory, 'authority.key'), await readFile(join(other, 'authority.key')))
  await startIn(directory)
  assert.match(String(said[0]), /is damaged: a new one is made/)
  assert.match(String(said[1]), /has a key of another one: a new one is made/)
  await startIn(directory)
  assert.equal(said.length, 2)
})

test('a clock that is set back leaves certificates that are good by it', async () => {
  const directory = join(home, 'set-back')
  const hand = createHandClock()
  const { clock, slip } = slipping(hand)
  const issuing = await startIssuing({ directory, services: ['accounts'], clock, say })
  const { cert, ca } = issuing.paths('accounts')
  const first = await read(cert)
  const isGood = ({ validFromDate, validToDate }: X509Certificate) =>
    validFromDate.getTime() <= clock.nowMs() && validToDate.getTime() > clock.nowMs()
  slip(-0.9 * DAY_MS)
  assert.ok(isGood(first), 'before anything is renewed')
  slip(-20 * DAY_MS)
  hand.advance(60_000)
  while ((await read(cert)).serialNumber === first.serialNumber) await systemClock.sleep(5)
  assert.ok(isGood(await read(cert)) && isGood(await read(ca)))
  issuing.close()

  slip(-60 * DAY_MS)
  const said: string[] = []
  const again = await startIssuing({ directory, services: ['accounts'], clock, say: (text) => said.push(text) })
  again.close()
  assert.match(said.join(), /is not good yet, by the clock of this host/)
  assert.ok(isGood(await read(cert)) && isGood(await read(ca)))
})

test('containers have a folder each, readable by their group, and none the key of the authority', async () => {
  const directory = join(home, 'apart')
  const clock = createHandClock()
  const options = { directory, services: ['accounts'], stores: ['postgres'], isApart: true, clock, say }
  const start = async () => {
    const issuing = await startIssuing(options)
    issuing.close()
    return { paths: issuing.paths, ...(await serials(issuing.paths)) }
  }
  const serials = async (paths: (name: string) => { readonly cert: string }) => ({
    service: (await read(paths('accounts').cert)).serialNumber,
    store: (await read(paths('postgres').cert)).serialNumber,
  })
  const first = await start()
  assert.equal((await read(first.paths('postgres').cert)).subjectAltName, 'DNS:postgres')
  for (const [folder, files] of [
    ['accounts', ['ca.crt', 'tls.crt', 'tls.key']],
    ['postgres', ['ca.crt', 'tls.crt', 'tls.key']],
    ['trusted', ['ca.crt']],
  ] as const) {
    assert.deepEqual((await readdir(join(directory, folder))).toSorted(), files)
    assert.equal((await stat(join(directory, folder))).mode & 0o777, 0o750, folder)
    for (const file of files) assert.equal((await stat(join(directory, folder, file))).mode & 0o777, 0o640, file)
  }
  assert.equal((await stat(join(directory, 'authority.key'))).mode & 0o777, 0o600)
  assert.equal((await stat(directory)).mode & 0o777, 0o700)

  const second = await start()
  assert.notEqual(second.service, first.service)
  assert.equal(second.store, first.store, 'a store would have to be restarted')
  await writeFile(first.paths('postgres').key, await readFile(first.paths('accounts').key))
  const mended = await start()
  assert.notEqual(mended.store, first.store)
  clock.advance(170 * DAY_MS)
  assert.notEqual((await start()).store, mended.store)
})

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { startIssuing } from './kept-authority.ts'

let home: string
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'micropay-authority-'))
})
after(() => rm(home, { recursive: true }))

const read = async (path: string) => new X509Certificate(await readFile(path))
const say = (text: string) => assert.fail(text)

test('an installation keeps its authority, and renews certificates at half of their life', async () => {
  const directory = join(home, 'kept')
  const clock = createHandClock()
  const options = { directory, services: ['accounts', 'gateway'], clock, say }
  const issuing = await startIssuing(options)
  const { cert, key, ca } = issuing.paths('accounts')
  const first = await read(cert)
  assert.equal(first.validToDate.getTime() - clock.nowMs(), 3_600_000)
  assert.match(String(first.subjectAltName), /^URI:spiffe:\/\/micropay.local\/accounts, /)
  clock.advance(29 * 60_000)
  await systemClock.sleep(50)
  assert.equal((await read(cert)).serialNumber, first.serialNumber)
  clock.advance(2 * 60_000)
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

  clock.advance(340 * 86_400_000)
  const later = await startIssuing(options)
  later.close()
  assert.notEqual((await read(ca)).serialNumber, authority.serialNumber)
})

test('a damaged authority is told with what to do', async () => {
  const directory = join(home, 'damaged')
  const options = { directory, services: ['accounts'], clock: createHandClock(), say }
  const issuing = await startIssuing(options)
  issuing.close()
  await writeFile(join(directory, 'authority.key'), 'no key')
  await assert.rejects(startIssuing(options), /is damaged: delete that folder/)
})

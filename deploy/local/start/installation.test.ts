import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { installationIn } from './installation.ts'
import { isSeeded } from './seed.ts'

const directory = await mkdtemp(join(tmpdir(), 'micropay-installation-'))
after(() => rm(directory, { recursive: true, force: true }))

test('each installation has a ledger by a name of its own, and keeps it', async () => {
  const [one, other] = [join(directory, 'one'), join(directory, 'other')]
  const made = await installationIn(one, systemClock)
  assert.match(made.ledgerId, /^local-[0-9a-f]{16}$/)
  assert.deepEqual(await installationIn(one, systemClock), made)
  assert.notEqual((await installationIn(other, systemClock)).ledgerId, made.ledgerId)
})

test('one that was made before goes on with its ledger, called local, and with all else that it has', async () => {
  const home = join(directory, 'old')
  const { ledgerId: _named, ...old } = await installationIn(home, systemClock)
  const path = join(home, 'installation.json')
  await writeFile(path, JSON.stringify(old))
  assert.deepEqual(await installationIn(home, systemClock), { ...old, ledgerId: 'local' })
  assert.equal(await readFile(path, 'utf8'), JSON.stringify(old))
})

test('that the examples are booked is known of one ledger alone', async () => {
  const path = join(directory, 'seeded')
  const isIn = (ledgerId: string) => isSeeded({ path, ledgerId })
  assert.equal(await isIn('local'), false)
  await writeFile(path, 'done\n')
  assert.deepEqual([await isIn('local'), await isIn('local-1')], [true, false])
  await writeFile(path, 'done\nlocal-1\n')
  assert.deepEqual([await isIn('local'), await isIn('local-1')], [false, true])
  await writeFile(path, 'begun\nlocal-1\n')
  assert.equal(await isIn('local-1'), false)
})

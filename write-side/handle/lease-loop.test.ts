import assert from 'node:assert/strict'
import { once } from 'node:events'
import { beforeEach, describe, test } from 'node:test'
import type { Appender, EventLog } from '@micropay/event-log/event-log'
import { LogError } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Lease } from '@micropay/runtime/leases'
import { ledgerIn, opening, startOwner, stopOwner, submitUntilDecided, unheard } from './owner.fixture.ts'

describe('who may claim a partition', { timeout: 60_000 }, () => {
  let log: EventLog
  beforeEach(async () => {
    log = openMemoryLog()
    await log.prepare(1)
  })

  test('a worker that cannot claim gives its lease to one that can', async () => {
    const leases = onlyLease()
    const cut = startOwner(cutOff(log), { lease: leases.of('cut'), ownerId: 'cut' })
    await leases.heldBy('cut')
    const standby = startOwner(log, { lease: leases.of('standby'), ownerId: 'standby' })
    await submitUntilDecided([standby], opening('ada'))
    assert.equal(standby.notServingBecause(), undefined)
    assert.notEqual(cut.notServingBecause(), undefined)
    await stopOwner(standby)
    await stopOwner(cut)
  })

  test('a worker whose appends fail once keeps its lease, since the next claim is won', async () => {
    const leases = onlyLease()
    let failed = false
    const openAppender = async (partition: number): Promise<Appender> => {
      const appender = await log.openAppender(partition)
      const append: Appender['append'] = async (records) => {
        if (failed || !records.some(({ key }) => key !== '')) return appender.append(records)
        failed = true
        throw new LogError('append_unknown', 'the connection was lost')
      }
      return { ...appender, append }
    }
    const first = startOwner({ ...log, openAppender }, { lease: leases.of('first'), ownerId: 'first' })
    await leases.heldBy('first')
    await submitUntilDecided([first], opening('ada'))
    assert.equal(failed, true)
    assert.equal(leases.released(), 0)
    await stopOwner(first)
  })

  test('without the database of leases the owner of the last claim goes on, and others wait and say why', async () => {
    const before = startOwner(log, { ownerId: 'first' })
    await submitUntilDecided([before], opening('ada'))
    await stopOwner(before)
    const other = unreachable()
    const second = startOwner(log, { lease: other.lease, ownerId: 'second' })
    await other.asked(20)
    const first = startOwner(log, { lease: unreachable().lease, ownerId: 'first' })
    await submitUntilDecided([first], opening('bob'))
    await other.asked(20)
    assert.equal(second.notServingBecause(), 'partition 0: waiting for the lease database')
    assert.equal(second.status().phase, 'waiting for the lease database')
    const told = await second.submit(opening('cyd'))
    assert.ok(told.kind === 'refused' && told.code === 'not_owner')
    assert.match(told.detail, /the database of leases does not answer/)
    assert.equal((await ledgerIn(log)).state.epoch, 2, 'each claimed once: who was the last owner')
    assert.equal(first.notServingBecause(), undefined)
    await stopOwner(first)
    await stopOwner(second)
  })

  test('a new ledger is begun by nobody without the database of leases', async () => {
    const { lease, asked } = unreachable()
    const owner = startOwner(log, { lease })
    await asked(20)
    assert.equal(await log.end(0), 0n)
    await stopOwner(owner)
  })

  test('who serves without a lease has it once it can be had', async () => {
    const before = startOwner(log, { ownerId: 'first' })
    await submitUntilDecided([before], opening('ada'))
    await stopOwner(before)
    const { lease, answer, acquired } = unreachable()
    const first = startOwner(log, { lease, ownerId: 'first' })
    await submitUntilDecided([first], opening('bob'))
    answer()
    await acquired
    assert.equal((await ledgerIn(log)).state.epoch, 2, 'it did not claim again')
    await stopOwner(first)
  })

  test('an owner stops though the log takes nothing, and tells who waits that nothing is known', async () => {
    let arrived = () => {}
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const openAppender = async (partition: number): Promise<Appender> => {
      const appender = await log.openAppender(partition)
      const closed = Promise.withResolvers<never>()
      closed.promise.catch(() => undefined)
      const append: Appender['append'] = (records) => {
        if (!records.some(({ key }) => key !== '')) return appender.append(records)
        arrived()
        return closed.promise
      }
      const close = async () => closed.reject(new LogError('append_unknown', 'the connection was ended'))
      return { append, close }
    }
    const owner = startOwner({ ...log, openAppender })
    const asked = owner.submit(opening('ada'))
    await waiting
    const late = systemClock.deadline(4_000)
    await stopOwner(owner)
    assert.equal(late.aborted, false)
    const told = await asked
    assert.ok(told.kind === 'refused')
    assert.equal(told.code, 'outcome_unknown')
  })
})

/** A log that this worker alone cannot append to. */
function cutOff(log: EventLog): EventLog {
  const openAppender = () => Promise.reject(new LogError('log_unavailable', 'no way to the log'))
  return { ...log, openAppender }
}

/** One lease, of which workers get the only one at a time, and that goes to whoever asks first after its release. */
function onlyLease() {
  let holder: string | undefined
  let released = 0
  const changed = new EventTarget()
  const set = (ownerId: string | undefined) => {
    holder = ownerId
    changed.dispatchEvent(new Event('change'))
  }
  return {
    of: (ownerId: string): Lease => ({
      async acquire(signal, onWait) {
        while (holder !== undefined && holder !== ownerId) {
          onWait?.('held')
          if (!(await systemClock.sleep(5, signal))) return false
        }
        if (!signal.aborted) set(ownerId)
        return !signal.aborted
      },
      async release() {
        if (holder !== ownerId) return
        released += 1
        set(undefined)
      },
      ...unheard,
    }),
    async heldBy(ownerId: string) {
      while (holder !== ownerId) await once(changed, 'change')
    },
    released: () => released,
  }
}

/** A lease whose database answers nobody until `answer`. */
function unreachable() {
  let answers = false
  let asks = 0
  const acquired = Promise.withResolvers<void>()
  const lease: Lease = {
    async acquire(signal, onWait) {
      while (!answers) {
        asks += 1
        onWait?.('unreachable')
        if (!(await systemClock.sleep(5, signal))) return false
      }
      if (!signal.aborted) acquired.resolve()
      return !signal.aborted
    },
    release: async () => {},
    ...unheard,
  }
  return {
    lease,
    acquired: acquired.promise,
    answer() {
      answers = true
    },
    async asked(times: number) {
      const until = asks + times
      while (asks < until) await systemClock.turn()
    },
  }
}

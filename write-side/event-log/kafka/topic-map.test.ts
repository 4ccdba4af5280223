import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from '../event-log.ts'
import { typeOf } from './broker-error.ts'
import { addressOf, openTopicMap, type TopicLeaders } from './topic-map.ts'

const [one, two] = [addressOf('one:1'), addressOf('two:2')]

/** A map that is told by these answers, one after the other, and for ever the last. */
function mapOf(...answers: (TopicLeaders | Error)[]) {
  const asked: string[] = []
  const map = openTopicMap('ledger', [one], async ({ host }) => {
    asked.push(host)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (!answer || answer instanceof Error) throw answer
    return answer
  })
  return { map, asked }
}

const led = (...leaders: (typeof one | undefined)[]): TopicLeaders => ({
  brokers: [one, two],
  byPartition: new Map(leaders.entries()),
})

test('is asked for once, however many want to know', async () => {
  const { map, asked } = mapOf(led(one, two))
  assert.deepEqual(await Promise.all([0, 1, 0].map((partition) => map.leaderOf(partition))), [one, two, one])
  assert.equal(asked.length, 1)
})

test('stands until there is a new one', async () => {
  const { map } = mapOf(led(one, one), new Error('nobody is there'), new Error('nor there'), led(two, one))
  await map.leaderOf(0)
  await map.doubt()
  assert.equal(await map.leaderOf(0), one)
  await map.doubt()
  assert.equal(await map.leaderOf(0), two)
})

test('knows the others where one partition has no leader, and asks again for that one', async () => {
  const { map } = mapOf(led(undefined, two), led(undefined, two), led(one, two))
  assert.equal(await map.leaderOf(1), two)
  await assert.rejects(map.leaderOf(0), (error) => typeOf(error) === 'LEADER_NOT_AVAILABLE')
  assert.equal(await map.leaderOf(0), one)
})

test('knows which partitions there are', async () => {
  const { map } = mapOf(led(one))
  await assert.rejects(map.leaderOf(1), (error) => error instanceof LogError && error.code === 'log_mismatch')
})

test('is asked of all brokers that are known, and of another one first each time', async () => {
  const { map, asked } = mapOf(led(one), new Error('out of reach'))
  await map.leaderOf(0)
  for (let round = 0; round < 2; round += 1) await map.doubt()
  assert.deepEqual(asked[0], 'one')
  assert.deepEqual(asked.slice(1, 3).toSorted(), ['one', 'two'])
  assert.deepEqual(asked.slice(3), asked.slice(1, 3).toReversed())
})

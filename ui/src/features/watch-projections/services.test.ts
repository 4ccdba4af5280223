import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProjectionStatus } from '@micropay/schemas/api/projection'
import { failuresOf, isSwitching, listSwitches, listWaysBack } from './services.ts'

const status = (change: Partial<ProjectionStatus>): ProjectionStatus =>
  ProjectionStatus.parse({
    ...{ service: 'accounts', name: 'accounts', version: 1, schema: 'accounts_v1_1', state: 'live', partition: 0 },
    ...{ position: '0:9', appliedRecords: 9, ofRecords: 9, lagRecords: 0, percent: 100, etaSeconds: 0 },
    ...{ lagSeconds: 0, ratePerSecond: 0, stopped: null, ...change },
  })
const building = { state: 'building', schema: 'accounts_v1_2' } as const

test('a version that is being built is told about by whoever looks, once for all its partitions', () => {
  const statuses = [status({}), status(building), status({ ...building, partition: 1 })]
  assert.deepEqual(listSwitches(statuses, undefined), [{ service: 'accounts', schema: 'accounts_v1_2' }])
  assert.deepEqual(listSwitches([status({}), status({ state: 'retired' })], undefined), [])
})

test('a switch that was asked for here is told about to its end, and by what was asked', () => {
  const asked = { service: 'accounts', schema: 'accounts_v1_2', what: 'rebuild' } as const
  assert.deepEqual(listSwitches([status(building)], asked), [asked])
  assert.deepEqual(listSwitches([status({ ...building, state: 'live' })], asked), [asked])
})

test('a service is asked for no second switch while one moves, and for another where one was left behind', () => {
  const moving = status({ ...building, ratePerSecond: 7 })
  assert.equal(isSwitching([moving], 'accounts'), true)
  assert.equal(isSwitching([moving], 'reconciliation'), false)
  assert.equal(isSwitching([status(building)], 'accounts'), false)
  assert.equal(isSwitching([status({ ratePerSecond: 7 })], 'accounts'), false)
})

test('a failure stands once for each service, whatever its number of versions and partitions', () => {
  const lastFailure = { at: '2026-03-01T09:00:00.000Z', what: 'rebuild', reason: 'no room left' } as const
  const books = { service: 'reconciliation', name: 'reconciliation' }
  assert.deepEqual(failuresOf([status({ lastFailure }), status({ lastFailure, partition: 1 }), status(books)]), [
    { service: 'accounts', ...lastFailure },
  ])
})

test('no way back is offered to a version of a history that a person has given up', () => {
  const kept = status({ state: 'retired' })
  assert.deepEqual(listWaysBack([status({}), kept]), ['accounts'])
  assert.deepEqual(listWaysBack([status({}), kept, status({ ...kept, partition: 1, givenUpBy: '1:1000000' })]), [])
})

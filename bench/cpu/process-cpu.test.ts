import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuEach, cpuOfTree, cpuTimes, parseStat } from './process-cpu.ts'

const tail = '0 0 20 0 11 0 5310 1153433600 20000 18446744073709551615 1 1 0 0 0 0 0 4096 134300162 0 0 0 17 1 0 0'
const line = (pid: number, command: string, parent: number, ticks: string) =>
  `${pid} (${command}) S ${parent} 4000 4000 0 -1 4194304 90 800 0 0 ${ticks} ${tail}\n`

test('the CPU time of a process is its own and that of its ended children, in ticks of 10 ms', () => {
  assert.deepEqual(parseStat(line(4242, 'node', 4000, '130 20 7 3')), {
    pid: 4242,
    parent: 4000,
    command: 'node',
    cpuMicros: 1_600_000,
  })
})

test('a command may hold blanks, brackets and line breaks', () => {
  const odd = ') S 1 (a\nb'
  assert.deepEqual(parseStat(line(7, odd, 3, '1 0 0 0')), { pid: 7, parent: 3, command: odd, cpuMicros: 10_000 })
})

test('what is no such line is refused', () => {
  assert.throws(() => parseStat(''), /not a line of/)
  assert.throws(() => parseStat('12 (node) S 4'), /not a line of/)
})

test('children count with their parent, and what they took stays when they end', () => {
  const parent = parseStat(line(10, 'postgres', 1, '5 0 0 0'))
  const child = parseStat(line(11, 'postgres', 10, '30 0 0 0'))
  const grandchild = parseStat(line(12, 'postgres', 11, '2 0 0 0'))
  const stranger = parseStat(line(13, 'node', 1, '900 0 0 0'))
  assert.equal(cpuOfTree([stranger, grandchild, child, parent], 10, 'postgres'), 370_000)
  const after = parseStat(line(10, 'postgres', 1, '5 0 32 0'))
  assert.equal(cpuOfTree([stranger, after], 10, 'postgres'), 370_000)
})

test('a process that has ended is told by name', () => {
  assert.throws(() => cpuOfTree([], 10, 'gateway'), /gateway \(process 10\) has ended/)
})

test('what was taken between two readings is shared among the payments', () => {
  const before = { gateway: 1_000_000, 'write-side': 500 }
  assert.deepEqual(cpuEach(before, { gateway: 1_200_000, 'write-side': 500 }, 1_000), {
    gateway: 200,
    'write-side': 0,
  })
})

test('reads its own process where there is a /proc, and says elsewhere that it does not know', () => {
  const started = performance.now()
  while (performance.now() - started < 50);
  const times = cpuTimes({ here: process.pid })
  if (process.platform === 'linux') assert.ok(Number(times?.here) >= 30_000, `${times?.here} µs`)
  else assert.equal(times, undefined)
})

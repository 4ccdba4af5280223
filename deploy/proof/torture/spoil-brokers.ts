import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from './scene.ts'
import { until } from './until.ts'

/** What was done to a log, and how it is undone. */
export type Spoiled = { readonly note: string; restore(): Promise<unknown> }

const acknowledgesWithinMs = 60_000

/** Has all brokers go on from copies of their disks that are at least so many acknowledged payments old. */
export async function brokersOlder({ product, successes }: Scene, payments: number): Promise<Spoiled> {
  await copyDisks(product.kafka, 'data', 'older')
  const before = successes.count()
  if (!(await until(() => successes.count() >= before + payments, acknowledgesWithinMs))) {
    throw new Error(`${payments} payments were not acknowledged behind the copy`)
  }
  const behind = successes.count() - before
  await copyDisks(product.kafka, 'data', 'newer', 'older')
  return {
    note: `copies of all brokers, ${behind} payments old`,
    restore: () => copyDisks(product.kafka, 'data', 'spoiled', 'newer'),
  }
}

/** While no broker runs: keeps a copy of what each has, and puts another in its place. */
async function copyDisks(kafka: Scene['product']['kafka'], from: string, to: string, then?: string): Promise<void> {
  const brokers = kafka?.brokers ?? []
  await Promise.all(brokers.map((broker) => broker.kill()))
  for (const { directory } of brokers) {
    cpSync(join(directory, from), join(directory, to), { recursive: true })
    if (then === undefined) continue
    rmSync(join(directory, from), { recursive: true })
    cpSync(join(directory, then), join(directory, from), { recursive: true })
  }
  await Promise.all(brokers.map((broker) => broker.start()))
}

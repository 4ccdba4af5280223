import { partitionOf } from '@micropay/schemas/placement'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

/** What is read of a body to know where it goes; whether it is right is for the worker to say. */
const Body = z.object({
  accountId: z.string().optional(),
  postings: z.array(z.object({ from: z.string() })).optional(),
  legs: z.array(z.object({ account: z.string(), amount: z.string() })).optional(),
})
const Named = z.object({
  accountId: z.string().optional(),
  paymentId: z.string().optional(),
  proposalId: z.string().optional(),
})

/**
 * The partition that is likely to decide a command: of its account, of the payment or proposal that it names, or of the
 * account that pays (of several the one that sorts first). Undefined where that is not seen here: any worker knows it.
 */
export function partitionAsked({ params, body }: FastifyRequest, partitions: number): number | undefined {
  if (partitions < 2) return partitions === 1 ? 0 : undefined
  const { accountId, paymentId, proposalId } = Named.safeParse(params).data ?? {}
  if (accountId !== undefined) return partitionOf(accountId, partitions)
  const [, partition] = (paymentId ?? proposalId)?.split('-') ?? []
  if (partition !== undefined) return Number(partition)
  const account = Buffer.isBuffer(body) ? payerIn(body) : undefined
  return account === undefined ? undefined : partitionOf(account, partitions)
}

function payerIn(body: Buffer): string | undefined {
  try {
    const { accountId, postings, legs } = Body.parse(JSON.parse(body.toString('utf8')))
    const debited = legs?.filter(({ amount }) => amount.startsWith('-')).map(({ account }) => account)
    const payers = postings?.map(({ from }) => from) ?? debited ?? []
    return accountId ?? payers.toSorted()[0]
  } catch {
    return undefined
  }
}

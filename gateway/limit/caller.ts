import type { FastifyRequest } from 'fastify'

/** Whom limits are counted for: each person or machine, with each client apart. */
export function callerKey({ caller }: FastifyRequest): string {
  return JSON.stringify([caller.tenant, caller.client, caller.subject])
}

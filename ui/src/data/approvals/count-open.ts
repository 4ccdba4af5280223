import { queryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from '../../api/client.ts'
import { approvalsKey } from './approvals-search.ts'

/** What is counted of the list: less than its own schema knows, since every page counts. */
const Open = z.object({ items: z.array(z.object({ maker: z.string() })), next: z.string().nullable() })

const MOST = 50
const EVERY_MS = 60_000

/** How many proposals of others wait, as far as one page tells: `3`, or `50+`; undefined for none. */
export function openCountQuery(client: Client, subject: string) {
  return queryOptions({
    queryKey: [...approvalsKey, 'count'] as const,
    queryFn: ({ signal }) => client.read(`/v1/approvals?status=open&limit=${MOST}`, Open, signal),
    refetchInterval: EVERY_MS,
    select: ({ value: { items, next } }) => {
      const count = items.filter(({ maker }) => maker !== subject).length
      return count === 0 ? undefined : `${count}${next === null ? '' : '+'}`
    },
  })
}

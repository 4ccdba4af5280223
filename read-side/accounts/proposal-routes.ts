import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { Proposal, ProposalPage, ProposalStatus } from '@micropay/schemas/api/approval'
import type { Caller, Scope } from '@micropay/schemas/api/token'
import { AccountId, ProposalId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import type { Cursors } from '../answer/cursor.ts'
import { pageQuery } from '../answer/page.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Snapshot } from '../position/snapshot.ts'
import {
  findProposal,
  listProposals,
  type PlacedProposal,
  type ProposalPlace,
  type ProposalViewer,
  type Section,
} from './proposal-queries.ts'

/** Whoever may decide proposals, or give a command that can become one; and the auditor, who decides none. */
const readers = [
  ...(['approvals:decide', 'policies:set', 'accounts:manage', 'periods:close', 'reconciliation:operate'] as const),
  ...(['payments:make', 'payments:book', 'audit:read'] as const),
] satisfies Scope[]

const ListQuery = z.strictObject({
  status: ProposalStatus.optional(),
  about: AccountId.optional().meta({
    description: 'An account or a period by its id: what changes it, and no payment or refund.',
  }),
  ...pageQuery,
})

/** GET /v1/approvals and /v1/approvals/:proposalId. */
export function addProposalRoutes(app: Http, reader: Reader<AccountsDatabase>, cursors: Cursors): void {
  const onRequest = app.allow(...readers)
  const tags = ['approvals']
  app.get(
    '/v1/approvals',
    { onRequest, schema: { tags, querystring: ListQuery, response: { 200: ProposalPage } } },
    async (request, reply) => {
      const { status, about, limit, cursor } = request.query
      const viewer = proposalViewerOf(request.caller)
      const list = ['approvals', viewer, status, about]
      const asked: readonly Section[] = status === undefined ? ['open', 'over'] : [status]
      const begin = placeIn(cursors.open(list, cursor))
      const found = await readAt(reader, request, reply, (snapshot) =>
        readPage(snapshot, viewer, { asked, about }, begin, limit),
      )
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      return {
        items: shown.map(({ proposal }) => proposal),
        next: found.length > limit && last ? cursors.seal(list, keysOf(last)) : null,
      }
    },
  )
  const params = z.object({ proposalId: ProposalId })
  app.get(
    '/v1/approvals/:proposalId',
    { onRequest, schema: { tags, params, response: { 200: Proposal } } },
    async (request, reply) => {
      const viewer = proposalViewerOf(request.caller)
      const { proposalId } = request.params
      const found = await readAt(reader, request, reply, (snapshot) => findProposal(snapshot, viewer, proposalId))
      if (!found) throw new ProblemError('not_found', 'there is no such proposal, or it is not yours to see')
      return found
    },
  )
}

/** Those who decide and those who audit see all of the tenant; others what they asked for. */
function proposalViewerOf({ tenant, subject, scopes }: Caller): ProposalViewer {
  const seesAll = scopes.has('approvals:decide') || scopes.has('audit:read')
  return { tenant, maker: seesAll ? undefined : subject }
}

type Placed = PlacedProposal & { readonly section: Section }
type Begin = { readonly section: Section; readonly place: ProposalPlace }

/** One part of the list after the other, from where the last page ended; one row more than is shown. */
async function readPage(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: ProposalViewer,
  { asked, about }: { readonly asked: readonly Section[]; readonly about: string | undefined },
  begin: Begin | undefined,
  limit: number,
): Promise<Placed[]> {
  const found: Placed[] = []
  for (const section of asked.slice(begin ? asked.indexOf(begin.section) : 0)) {
    const missing = limit + 1 - found.length
    if (missing === 0) break
    const after = section === begin?.section ? begin.place : undefined
    const rows = await listProposals(snapshot, viewer, { section, about }, { after, limit: missing })
    found.push(...rows.map((row) => ({ ...row, section })))
  }
  return found
}

function keysOf({ section, place: { expiresAt, partition, seq } }: Placed): string[] {
  return [section, expiresAt.toISOString(), String(partition), seq.toString()]
}

function placeIn(keys: readonly string[] | undefined): Begin | undefined {
  const [section, expiresAt, partition, seq] = keys ?? []
  if (!section || !expiresAt || !partition || !seq) return undefined
  const place = { expiresAt: new Date(expiresAt), partition: Number(partition), seq: BigInt(seq) }
  return { section: ProposalStatus.or(z.literal('over')).parse(section), place }
}

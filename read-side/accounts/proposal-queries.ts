import type { AccountsDatabase, ProposalDecisionRow, ProposalRow } from '@micropay/projections/accounts/tables'
import { ListedProposal, MOST_LISTED_BYTES, Proposal, type ProposalStatus } from '@micropay/schemas/api/approval'
import { formatPosition } from '@micropay/schemas/position'
import { type RawBuilder, sql } from 'kysely'
import { all } from '../answer/conditions.ts'
import { type Snapshot, tableOf } from '../position/snapshot.ts'

/** Whose proposals are told: all of the tenant, or with a `maker` those of that person. */
export type ProposalViewer = { readonly tenant: string; readonly maker: string | undefined }

/** Which part of the list, and with `about` those alone that change that account or period. */
export type Listed = { readonly section: Section; readonly about: string | undefined }

/** A part of the list: those of one status, or all that nobody waits for any more. */
export type Section = ProposalStatus | 'over'
export type ProposalPlace = { readonly expiresAt: Date; readonly partition: number; readonly seq: bigint }

const sections: Readonly<Record<Section, RawBuilder<unknown>>> = {
  open: sql`d.proposal_id is null and p.expires_at >= now()`,
  lapsed: sql`d.proposal_id is null and p.expires_at < now()`,
  approved: sql`d.outcome = 'approved'`,
  refused: sql`d.outcome = 'refused'`,
  over: sql`(d.proposal_id is not null or p.expires_at < now())`,
}

/** Those that lapse last come first, which are the newest. What is large is left out. */
export async function listProposals(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: ProposalViewer,
  { section, about }: Listed,
  page: { readonly after: ProposalPlace | undefined; readonly limit: number },
): Promise<PlacedProposal[]> {
  const { after, limit } = page
  const behind =
    after && sql`(p.expires_at, p.partition, p.seq) < (${after.expiresAt}, ${after.partition}, ${after.seq})`
  const data = sql`case when p.data_bytes <= ${MOST_LISTED_BYTES} then p.data end`
  const ofOne = about === undefined ? undefined : sql`p.about = ${about}`
  const rows = await select(snapshot, viewer, { data, where: all([sections[section], ofOne, behind]), limit })
  return rows.map((row) => ({
    proposal: ListedProposal.parse(proposalOf(row, viewer)),
    place: { expiresAt: row.expires_at, partition: row.partition, seq: row.seq },
  }))
}

export async function findProposal(
  snapshot: Snapshot<AccountsDatabase>,
  viewer: ProposalViewer,
  proposalId: string,
): Promise<Proposal | undefined> {
  const where = sql`p.proposal_id = ${proposalId}`
  const [found] = await select(snapshot, viewer, { data: sql`p.data`, where, limit: 1 })
  return found && Proposal.parse(proposalOf(found, viewer))
}

export type PlacedProposal = { readonly proposal: ListedProposal; readonly place: ProposalPlace }

type Row = Omit<ProposalRow, 'data' | 'data_bytes' | 'about'> & {
  data: ProposalRow['data'] | null
  is_lapsed: boolean
  outcome: ProposalDecisionRow['outcome'] | null
  reason: string | null
  decided_at: Date
  decided_by: string
  limit_before: ProposalDecisionRow['limit_before']
  decided_partition: number
  decided_seq: bigint
}

type Selected = { readonly data: RawBuilder<unknown>; readonly where: RawBuilder<unknown>; readonly limit: number }

async function select(
  snapshot: Snapshot<AccountsDatabase>,
  { tenant, maker }: ProposalViewer,
  { data, where, limit }: Selected,
): Promise<Row[]> {
  const mine = maker === undefined ? undefined : sql`p.maker = ${maker}`
  const { rows } = await sql<Row>`
    select p.partition, p.seq, p.proposal_id, p.tenant, p.maker, p.command, p.hash, ${data} as data, p.policy_id,
      p.proposed_at, p.expires_at, p.expires_at < now() as is_lapsed, d.outcome, d.reason, d.decided_at, d.decided_by,
      d.limit_before,
      d.partition as decided_partition, d.seq as decided_seq
    from ${tableOf(snapshot, 'proposal')} p left join ${tableOf(snapshot, 'proposal_decision')} d using (proposal_id)
    where ${all([sql`p.tenant = ${tenant}`, mine, where])}
    order by p.expires_at desc, p.partition desc, p.seq desc limit ${limit}`.execute(snapshot.db)
  return rows
}

/** Who of the staff decided is for staff. */
function proposalOf(row: Row, { maker }: ProposalViewer) {
  const by = maker === undefined || row.decided_by === row.maker ? { by: row.decided_by } : {}
  return {
    ...{ proposalId: row.proposal_id, status: row.outcome ?? (row.is_lapsed ? 'lapsed' : 'open') },
    ...{ command: row.command, hash: row.hash, data: row.data, maker: row.maker, policyId: row.policy_id },
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    ...{ proposedAt: row.proposed_at.toISOString(), expiresAt: row.expires_at.toISOString() },
    decided: row.outcome && {
      ...{ ...by, at: row.decided_at.toISOString(), reason: row.reason },
      limitBefore: row.limit_before,
      position: formatPosition({ partition: row.decided_partition, seq: Number(row.decided_seq) }),
    },
  }
}

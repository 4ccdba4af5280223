import {
  type Policy,
  PolicyDecided,
  PolicyList,
  Proposal,
  ProposalDecided,
  ProposalPage,
} from '@micropay/schemas/api/approval'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { type ApprovalsSearch, approvalsKey } from './approvals-search.ts'

export const policiesKey = ['policies'] as const

const path = '/v1/approvals'
const pathOf = (proposalId: string) => `${path}/${encodeURIComponent(proposalId)}`

export function approvalsQuery(client: Client, filter: ApprovalsSearch) {
  return infiniteQueryOptions({
    queryKey: [...approvalsKey, 'list', filter] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith(path, { ...filter, limit: 50, cursor: pageParam }), ProposalPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function approvalQuery(client: Client, proposalId: string) {
  return queryOptions({
    queryKey: [...approvalsKey, 'one', proposalId] as const,
    queryFn: ({ signal }) => client.read(pathOf(proposalId), Proposal, signal),
  })
}

type Options = { readonly key: string; readonly dryRun?: boolean }
/** The proposal as it was looked at. */
export type ApproveRequest = Pick<Proposal, 'proposalId' | 'hash'>

/** Approves what somebody else proposed, or with `dryRun` says what that would do. */
export function approveProposal(
  client: Client,
  { proposalId, hash }: ApproveRequest,
  { key, dryRun }: Options,
): Promise<Decided<ProposalDecided>> {
  const body = { hash, ...(dryRun ? { dryRun } : {}) }
  return client.command({ path: `${pathOf(proposalId)}/approve`, body, idempotencyKey: key, schema: ProposalDecided })
}

export type RefuseRequest = { readonly proposalId: string; readonly reason: string }

/** Refuses it, or takes back one's own. */
export function refuseProposal(
  client: Client,
  { proposalId, reason }: RefuseRequest,
  key: string,
): Promise<Decided<ProposalDecided>> {
  const body = { reason }
  return client.command({ path: `${pathOf(proposalId)}/refuse`, body, idempotencyKey: key, schema: ProposalDecided })
}

export function policiesQuery(client: Client) {
  return queryOptions({
    queryKey: policiesKey,
    queryFn: ({ signal }) => client.read('/v1/policies', PolicyList, signal),
  })
}

export type PolicyRequest = Pick<Policy, 'command' | 'people' | 'above'>

export function setPolicy(
  client: Client,
  { command, people, above }: PolicyRequest,
  key: string,
): Promise<Decided<PolicyDecided>> {
  const body = { command, people, ...(above ? { above } : {}) }
  return client.command({ path: '/v1/policies', body, idempotencyKey: key, schema: PolicyDecided })
}

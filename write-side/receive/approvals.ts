import type { Http } from '@micropay/runtime/http'
import {
  ApproveCommand,
  PolicyDecided,
  ProposalDecided,
  RefuseCommand,
  SetPolicy,
} from '@micropay/schemas/api/approval'
import { Problem } from '@micropay/schemas/api/problem'
import { ProposalId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const problems = { '4xx': Problem, '5xx': Problem }
const tags = ['approvals']
const params = z.object({ proposalId: ProposalId })
const response = { 200: ProposalDecided, 201: ProposalDecided, ...problems }

/** POST /v1/policies, and /v1/approvals/:proposalId/approve and /refuse. */
export function receiveApprovals(app: Http, dependencies: ReceiveDependencies): void {
  const set = {
    tags,
    summary: 'Say how many persons a command needs',
    body: SetPolicy,
    response: governedAnswers(PolicyDecided),
  }
  app.post('/v1/policies', { onRequest: app.allow('policies:set'), schema: set }, async (request, reply) => {
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'SetPolicy', data }, key, dryRun))
  })
  const approve = { tags, summary: 'Approve what somebody else proposed', params, body: ApproveCommand, response }
  const onRequest = app.allow('approvals:decide')
  app.post('/v1/approvals/:proposalId/approve', { onRequest, schema: approve }, async (request, reply) => {
    const { dryRun = false, hash } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'ApproveCommand' as const, data: { proposalId: request.params.proposalId, hash } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
  receiveRefusals(app, dependencies)
}

/** Whoever may approve may refuse; whoever may propose may take back what they proposed, and nothing else. */
function receiveRefusals(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow(
    ...(['approvals:decide', 'policies:set', 'accounts:manage', 'periods:close', 'reconciliation:operate'] as const),
    ...(['payments:make', 'payments:book'] as const),
  )
  const refuse = { tags, summary: 'Refuse a proposal, or take back one’s own', params, body: RefuseCommand, response }
  app.post('/v1/approvals/:proposalId/refuse', { onRequest, schema: refuse }, async (request, reply) => {
    const { dryRun = false, reason } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'RefuseCommand' as const, data: { proposalId: request.params.proposalId, reason } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
}

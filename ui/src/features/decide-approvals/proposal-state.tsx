import type { ProposalStatus } from '@micropay/schemas/api/approval'
import { Badge } from '../../components/badge.tsx'

const words: Record<ProposalStatus, string> = {
  open: 'Waits',
  lapsed: 'Lapsed',
  approved: 'Approved',
  refused: 'Refused',
}
const already = {
  reopened: 'Reopened already',
  closed: 'Closed already',
  withdrawn: 'Withdrawn already',
} as const
const tones = { open: 'warn', lapsed: 'plain', approved: 'good', refused: 'bad' } as const

type ProposalStateProps = {
  readonly status: ProposalStatus
  /** What has happened already that it still waits for. */
  readonly overtaken?: keyof typeof already | undefined
}

export function ProposalState({ status, overtaken }: ProposalStateProps) {
  if (overtaken) return <Badge tone="bad">{already[overtaken]}</Badge>
  return <Badge tone={tones[status]}>{words[status]}</Badge>
}

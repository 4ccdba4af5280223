import type { ProposalStatus } from '@micropay/schemas/api/approval'
import { Badge } from '../../components/badge.tsx'

const words: Record<ProposalStatus, string> = {
  open: 'Waits',
  lapsed: 'Lapsed',
  approved: 'Approved',
  refused: 'Refused',
}
const tones = { open: 'warn', lapsed: 'plain', approved: 'good', refused: 'bad' } as const

export function ProposalState({ status }: { readonly status: ProposalStatus }) {
  return <Badge tone={tones[status]}>{words[status]}</Badge>
}

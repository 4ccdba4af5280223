import type { Period } from '@micropay/schemas/api/period'
import { Badge } from '../../components/badge.tsx'

export function PeriodState({ status }: Pick<Period, 'status'>) {
  const { tone, words } = states[status]
  return <Badge tone={tone}>{words}</Badge>
}

const states = {
  closed: { tone: 'good', words: 'Closed' },
  reopened: { tone: 'warn', words: 'Reopened' },
  closing: { tone: 'warn', words: 'Closing' },
  called_off: { tone: 'warn', words: 'Called off' },
} as const

import type { Period } from '@micropay/schemas/api/period'
import { Badge } from '../../components/badge.tsx'

export function PeriodState({ status }: Pick<Period, 'status'>) {
  return status === 'closed' ? <Badge tone="good">Closed</Badge> : <Badge tone="warn">Reopened</Badge>
}

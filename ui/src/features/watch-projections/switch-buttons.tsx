import { useId } from 'react'
import { Button } from '../../components/button.tsx'
import { type Rows, silenceOf } from './known-projections.ts'
import { isSwitching, listServices, listWaysBack } from './services.ts'
import type { Asked } from './switch-dialog.tsx'

type SwitchButtonsProps = { readonly rows: Rows; readonly onAsk: (asked: Asked) => void }

/** A rebuild for every service, and the way back where a version is kept; a service that says nothing takes neither. */
export function SwitchButtons({ rows, onAsk }: SwitchButtonsProps) {
  const reasons = useId()
  const { statuses, strangers } = rows
  const services = listServices([...statuses, ...strangers])
  const silent = services.filter((service) => silenceOf(rows, service) !== undefined)
  const switchOf = (service: string, what: Asked['what']) => ({
    ...{ busy: isSwitching(statuses, service), disabled: silent.includes(service) },
    'aria-describedby': silent.includes(service) ? `${reasons}${service}` : undefined,
    onClick: () => onAsk({ service, what }),
  })
  return (
    <>
      <div className="mt-3 flex flex-wrap gap-2">
        {services.map((service) => (
          <Button key={service} look="secondary" {...switchOf(service, 'rebuild')}>
            Rebuild {service}
          </Button>
        ))}
        {listWaysBack(statuses).map((service) => (
          <Button key={service} look="quiet" {...switchOf(service, 'rollback')}>
            Roll back {service}
          </Button>
        ))}
      </div>
      {silent.map((service) => (
        <p key={service} id={`${reasons}${service}`} className="mt-2 text-xs text-bad">
          {service} can be rebuilt once it answers again: now it {silenceOf(rows, service)}
        </p>
      ))}
    </>
  )
}

/**
 * The child process in which the devices live, so that the survey's process and theirs share nothing but the network.
 * It speaks with its parent over the fork's channel and ends by itself when the parent is gone.
 */
import { makeHouses } from './houses.ts';
import type { Answer, Order } from './start.ts';

const houses = makeHouses(() => performance.now());
const reply = (answer: Answer) => process.send?.(answer);

process.on('message', async (message: unknown) => {
  const order = message as Order;
  const { n } = order;
  if (order.type === 'place') reply({ n, trouble: await houses.place(order.placements) });
  else if (order.type === 'replace') reply({ n, trouble: await houses.replace(order.device, order.placements) });
  else if (order.type === 'tally') reply({ n, tally: houses.tally() });
  else {
    await houses.close();
    process.disconnect();
  }
});

// A Ctrl-C in the terminal reaches this process too; the parent decides when the devices go.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

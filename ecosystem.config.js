// What `pm2 start` reads; the table is in supervisor/topology.ts.
export { apps } from './supervisor/ecosystem.ts';

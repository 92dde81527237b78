// Frames that no client should trip over: one of each kind.

export const GARBAGE: readonly string[] = [
  '{"operation":"presence","payl',
  'null',
  '[]',
  '42',
  '{"operation":"__proto__","exchange":"1","status":0,"payload":{}}',
  '{"operation":"no_such_thing","exchange":"1","status":0,"payload":{}}',
  '{"operation":"nfc_tap","payload":{"endpoint_id":7,"uid":null}}',
  '{"operation":"ble_rssi","payload":{"endpoint_id":"127.0.0.1","device":"x","rssi":"near"}}',
  '{"operation":"symmetric_key","exchange":"999999999","status":0,"payload":{"key":"00112233445566778899aabbccddeeff"}}',
  '{"operation":"symmetric_key","status":0,"payload":{"key":"00112233445566778899aabbccddeeff"}}',
];

import { suite } from '../support/suite.ts';
import { assert } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { fromNotation } from '../support/notation.ts';
import { MsgpackFloat } from '../../codec/msgpack.ts';
import * as lxmf from '../../lxmf/constants.ts';
import { fieldName } from '../../lxmf/fields.ts';

const t = suite('lxmf/constants', import.meta.url);
const golden = loadGolden('lxmf', 'constants');

/** Every constant of a group has our name and the reference's value. */
function same(
  of: string,
  named: (name: string) => unknown,
  only = (_: string): boolean => true
): void {
  eachCase(
    golden,
    (item) => {
      for (const [name, notation] of Object.entries(item.out ?? {}).filter(([key]) => only(key))) {
        const value = fromNotation(notation);
        assert.is(named(name), value instanceof MsgpackFloat ? value.value : value, name);
      }
    },
    (item: GoldenCase) => item.id === of
  );
}

const within =
  (table: Readonly<Record<string, unknown>>, prefix = '') =>
  (name: string): unknown =>
    table[name.slice(prefix.length)];

t(
  '[lxmf/fields-core] [lxmf/fields-reply-reaction-comment-continuation] [lxmf/fields-custom] field ids, and no others',
  () => {
    same('LXMF.FIELD', within(lxmf.Field, 'FIELD_'));
    const item = golden.cases.find(({ id }) => id === 'LXMF.FIELD');
    assert.is(Object.keys(lxmf.Field).length, Object.keys(item?.out ?? {}).length);
    same('LXMF.REACTION', within(lxmf.Reaction, 'REACTION_'));
    same('LXMF.COMMENT', within(lxmf.Comment, 'COMMENT_'));
    same('LXMF.CONTINUATION', within(lxmf.Continuation, 'CONTINUATION_'));
    assert.is(fieldName(5), 'FILE_ATTACHMENTS');
    assert.is(fieldName(0x123), undefined);
  }
);

t(
  '[lxmf/fields-audio-modes] [lxmf/fields-renderers] [lxmf/pn-metadata-keys] [lxmf/supported-features] modes, renderers and keys',
  () => {
    same('LXMF.AM', within(lxmf.AudioMode));
    same('LXMF.RENDERER', within(lxmf.Renderer, 'RENDERER_'));
    same('LXMF.PN', within(lxmf.PropagationMeta, 'PN_META_'));
    same('LXMF.SF', within(lxmf.Functionality));
  }
);

t(
  '[lxmf/lxmessage-states] [lxmf/lxmessage-methods] [lxmf/lxmessage-representations] states, methods and representations',
  () => {
    const tables = { ...lxmf.RepresentationCode, ...lxmf.MethodCode, ...lxmf.MessageState };
    same('LXMessage', within({ ...tables, UNKNOWN: 0 }), (name) => name in tables);
  }
);

t(
  '[lxmf/lxmessage-size-constants] [lxmf/lxmessage-encrypted-packet-limits] [lxmf/lxmessage-paper-mdu] sizes and times',
  () => {
    const seconds = {
      TICKET_EXPIRY: lxmf.TICKET_EXPIRY_S,
      TICKET_GRACE: lxmf.TICKET_GRACE_S,
      TICKET_RENEW: lxmf.TICKET_RENEW_S,
      TICKET_INTERVAL: lxmf.TICKET_INTERVAL_S,
    };
    const all: Readonly<Record<string, unknown>> = { ...lxmf, ...seconds };
    const ours = (name: string): boolean => name in all;
    same('LXMessage', (name) => all[name], ours);
    const item = golden.cases.find(({ id }) => id === 'LXMessage');
    const checked = Object.keys(item?.out ?? {}).filter(ours);
    for (const name of [
      'PAPER_MDU',
      'ENCRYPTED_PACKET_MAX_CONTENT',
      'TICKET_RENEW',
      'LXMF_OVERHEAD',
    ]) {
      assert.ok(checked.includes(name), `${name} was not compared`);
    }
  }
);

t(
  '[lxmf/lxstamper-constants] [lxmf/lxmpeer-errors] rounds of workblocks and errors of nodes',
  () => {
    const all: Readonly<Record<string, unknown>> = { ...lxmf, ...lxmf.PropagationError };
    same(
      'LXStamper',
      (name) => all[name],
      (name) => name !== 'PN_VALIDATION_POOL_MIN_SIZE'
    );
    same(
      'LXMPeer',
      (name) => all[name],
      (name) => name.startsWith('ERROR_')
    );
  }
);

t.run();

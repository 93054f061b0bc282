"""Which tests play which row of the design's tables: every name here is a test that exists."""

import re

import pytest

from support.repository import ROOT

ACCOUNT = "faults/test_account_faults"
LETTER = "faults/test_letter_faults"
BROKEN = "faults/test_broken_talk"
TRUST = "faults/test_trust"
NETWORK = "faults/test_network"
RUNNERS = "faults/test_runners"
LEDGER = "faults/test_ledger_faults"
CUT = "journeys/test_interruptions"
STILL = "unit/runner/test_standing_still"
MIND = "journeys/test_a_change_of_mind"
BYTES = "unit/letters/test_bytes"
LOGIN = "rooms/transport/test_login"
CONNECT = "rooms/transport/test_connect"
ENVELOPE = "rooms/transport/test_envelope"
CHANNEL = "rooms/transport/test_channel"
IMPORTS = "workshop/test_imports::test_nothing_reaches_smtplib_or_the_sending_of_yagmail"

#: Letters received and bounces (IMAP, Maildir, DSN) come with the room for incoming mail.
FAULTS = {
    "421 in banner, MAIL, RCPT or after dot": [f"{ACCOUNT}::test_the_account_rests_once_and_every_letter_goes_once",
        f"{ACCOUNT}::test_a_rest_is_doubled_when_the_incident_comes_again_and_begins_anew_after_a_letter",
        f"{ACCOUNT}::test_an_incident_that_does_not_end_ends_the_run_with_every_letter_queued"],
    "450/451 at RCPT": [f"{LETTER}::test_greylisting_is_answered_with_the_same_envelope_after_five_minutes",
        f"{LETTER}::test_a_greylisted_letter_goes_the_next_day_when_the_run_ended_before"],
    "451 4.7.x, 452 4.3.1": [f"{ACCOUNT}::test_the_account_rests_once_and_every_letter_goes_once"],
    "452 4.5.3": [f"{ACCOUNT}::test_the_account_rests_once_and_every_letter_goes_once"],
    "452 4.2.2 / 552 5.2.2": [f"{LETTER}::test_a_full_mailbox_is_tried_every_few_hours_and_given_up_after_five_days",
        f"{LETTER}::test_a_full_mailbox_that_is_emptied_gets_its_letter_once"],
    "454 4.7.0": [f"{ACCOUNT}::test_454_to_starttls_is_waited_for_and_never_gone_around"],
    "535 / 530 / 534": [f"{ACCOUNT}::test_a_refused_login_ends_the_run_at_once",
        f"{ACCOUNT}::test_a_login_that_is_refused_in_the_middle_ends_the_run_and_what_went_has_gone",
        "journeys/test_live::test_a_wrong_password_stops_the_run_at_once"],
    "550 5.1.1 / 5.1.10 / 5.1.2": [f"{LETTER}::test_a_bad_address_is_rejected_and_learnt_and_the_next_letters_go"],
    "550 5.7.1, 554 5.7.1, 5.7.26, 5.7.515": [
        f"{LETTER}::test_three_refusals_of_policy_in_a_row_pause_the_campaign_until_somebody_says_go",
        f"{LETTER}::test_more_than_one_refusal_of_policy_in_twenty_pauses_the_campaign"],
    "550 5.4.5, 4.7.28, 432 4.3.2, 554 5.2.0": [f"{ACCOUNT}::test_the_account_rests_once_and_every_letter_goes_once"],
    "552 5.3.4": [f"{LETTER}::test_a_letter_larger_than_the_server_takes_is_held_before_a_word_of_it_is_said",
        f"{LETTER}::test_552_5_3_4_is_the_letters_fault_alone"],
    "554 banner": [f"{ACCOUNT}::test_the_account_rests_once_and_every_letter_goes_once"],
    "reply code garbage": [f"{BROKEN}::test_nonsense_is_a_lost_connection",
        f"{BROKEN}::test_250_to_data_is_no_go_ahead", f"{BROKEN}::test_354_after_the_dot_is_no_acceptance"],
    "drop at MAIL, RCPT, DATA, mid body": [f"{BROKEN}::test_a_drop_before_the_dot_makes_one_copy_and_no_doubt",
        f"{BROKEN}::test_three_connections_that_drop_at_once_leave_one_letter_each_at_the_most"],
    "drop after dot": [f"{BROKEN}::test_a_drop_after_the_dot_is_in_doubt_and_nothing_is_sent_again"],
    "slow server": [f"{BROKEN}::test_each_phase_has_a_deadline_that_no_trickle_of_bytes_stretches",
        f"{BROKEN}::test_a_250_that_comes_late_but_in_time_is_an_acceptance",
        f"{BROKEN}::test_a_banner_too_slow_is_no_connection",
        f"{BROKEN}::test_a_slow_answer_on_one_connection_holds_up_no_other"],
    "STARTTLS not offered": [f"{TRUST}::test_a_starttls_that_is_taken_away_or_tampered_with_is_no_way_to_send"],
    "STARTTLS reply 454 / injected plaintext": [
        f"{TRUST}::test_a_starttls_that_is_taken_away_or_tampered_with_is_no_way_to_send",
        f"{ACCOUNT}::test_454_to_starttls_is_waited_for_and_never_gone_around"],
    "expired, wrong host, self-signed": [
        f"{TRUST}::test_a_certificate_that_is_not_to_be_trusted_ends_the_run_before_a_login"],
    "AUTH only on TLS": [f"{TRUST}::test_a_login_offered_before_tls_is_taken_after_it",
        f"{CONNECT}::test_plain_goes_to_this_machine_only"],
    "DNS failure, refused, network down": [f"{NETWORK}::test_a_name_that_is_not_found_ends_a_run_that_never_connected",
        f"{NETWORK}::test_a_name_that_is_lost_in_the_middle_is_waited_for",
        f"{NETWORK}::test_a_port_where_nothing_listens_ends_a_run_that_never_connected",
        f"{NETWORK}::test_a_network_that_goes_away_in_the_middle_is_waited_for",
        f"{NETWORK}::test_a_network_that_stays_away_ends_the_run_after_an_hour_with_every_letter_queued"],
    "kill -9": [f"{CUT}::test_a_kill_in_each_phase_leaves_the_letter_where_the_table_says",
        f"{CUT}::test_kills_at_random_moments_double_nothing_and_lose_nothing"],
    "SIGTERM / Ctrl-C": [f"{CUT}::test_a_signal_finishes_the_letter_in_flight_and_no_other",
        f"{CUT}::test_a_second_signal_drops_the_letter_at_once"],
    "disk full": ["rooms/ledger/test_faults::test_a_disk_that_refuses_to_grow_under_a_mark_keeps_the_letter_claimed",
        f"{STILL}::test_an_answer_that_cannot_be_written_is_kept_and_written_by_the_next_run",
        "rooms/ledger/test_rescue::test_an_answer_comes_back_as_it_was_kept"],
    "SQLite locked": [f"{STILL}::test_a_ledger_that_does_not_take_the_mark_costs_the_connection_and_not_the_letter",
        "rooms/ledger/test_faults::test_a_mark_on_a_locked_ledger_fails_instead_of_going_on"],
    "clock jump": [f"{RUNNERS}::test_a_clock_that_jumps_while_a_letter_is_on_the_wire_doubles_and_loses_nothing",
        f"{RUNNERS}::test_a_clock_that_jumps_during_a_rest_leaves_no_letter_stuck",
        "journeys/test_pace::test_a_clock_put_back_neither_bursts_nor_stops_the_run"],
    "several runners": [f"{RUNNERS}::test_any_number_of_runners_send_two_thousand_letters_once_each"],
    "runner paused past lease": [f"{RUNNERS}::test_a_runner_past_its_lease_closes_without_the_dot",
        f"{RUNNERS}::test_a_runner_past_its_lease_closes_without_the_dot_while_another_has_the_letter_in_hand",
        f"{RUNNERS}::test_a_runner_past_its_lease_behind_the_mark_leaves_a_doubt_that_its_own_answer_settles",
        f"{RUNNERS}::test_a_runner_past_its_lease_whose_server_is_gone_leaves_the_letter_in_doubt"],
    "partition to PostgreSQL": [f"{LEDGER}::test_a_partition_during_the_body_sends_no_dot_and_is_waited_out",
        f"{LEDGER}::test_a_mark_whose_acknowledgement_is_lost_sends_no_dot_and_the_letter_goes_once",
        f"{LEDGER}::test_a_partition_after_the_dot_keeps_the_answer_until_it_can_be_written",
        f"{LEDGER}::test_a_result_whose_acknowledgement_is_lost_is_written_once",
        f"{LEDGER}::test_a_partition_that_lasts_ends_the_run_and_the_next_one_goes_on"],
    "sheet edited between runs": [f"{MIND}::test_a_reordered_sheet_changes_nothing",
        f"{MIND}::test_a_removed_row_is_cancelled_by_the_next_approval",
        f"{MIND}::test_a_changed_address_of_an_unsent_letter_moves_it"],
    "template edited between runs": [f"{MIND}::test_a_changed_template_leaves_an_approved_letter_as_it_was"],
}  # fmt: skip

TRAPS = {
    "send() logs in every time": [f"{CHANNEL}::test_many_letters_go_over_one_connection",
        f"{TRUST}::test_over_verified_tls_and_after_one_login_each_letter_goes_once"],
    "duplicates by design": [f"{BROKEN}::test_a_drop_after_the_dot_is_in_doubt_and_nothing_is_sent_again"],
    "return values": ["rooms/transport/test_phases::test_a_refusal_is_an_answer_and_the_next_letter_goes", IMPORTS],
    "send_unsent()": [IMPORTS],
    "path = attachment": [f"{BYTES}::test_a_text_that_is_the_name_of_a_file_is_a_text"],
    "HTML guess": ["unit/letters/test_text_and_html::test_both_parts_say_the_same"],
    "premailer": [IMPORTS],
    "Message-ID": [f"{BYTES}::test_two_letters_to_one_person_with_one_subject_have_two_ids",
        f"{BYTES}::test_every_header_stands_exactly_once_and_nothing_else"],
    "header injection": [f"{BYTES}::test_a_whole_letter_is_sound_whatever_the_sheet_holds"],
    "dict `to`, `to=None`": [f"{BYTES}::test_an_address_that_is_none_is_never_written"],
    "user without @": [f"{LOGIN}::test_a_user_that_is_no_address_is_said_as_it_is"],
    "non-ASCII address, soft_email_validation": [f"{ENVELOPE}::test_anything_else_is_refused_before_a_byte_is_sent"],
    "TLS default": [f"{CONNECT}::test_a_server_that_is_not_to_be_trusted_gets_no_login"],
    "OAuth2": [f"{LOGIN}::test_a_refused_token_is_heeded", f"{CONNECT}::test_our_own_name_is_not_told",
        f"{CONNECT}::test_what_was_offered_in_clear_counts_for_nothing_after_starttls"],
    "no password": [f"{LOGIN}::test_without_a_password_nobody_is_asked_for_one"],
    "logging": [f"{CHANNEL}::test_sending_writes_nothing_to_logs_or_the_screen"],
    "thread safety": ["unit/runner/test_several_connections::test_each_letter_goes_once_over_one_of_the_connections"],
    "AsyncClient": [IMPORTS],
    "Bcc": [f"{BYTES}::test_every_header_stands_exactly_once_and_nothing_else"],
}  # fmt: skip


@pytest.mark.parametrize("row", [*FAULTS, *TRAPS])
def test_a_row_has_its_tests(row: str) -> None:
    """A test that is renamed or dropped is missed here."""
    for name in (FAULTS | TRAPS)[row]:
        path, _, test = name.partition("::")
        text = (ROOT / "tests" / f"{path}.py").read_text("utf-8")
        assert re.search(rf"^def {test}\(", text, re.MULTILINE), name

#pragma once
#include <libpq-fe.h>

// The fields of an error are characters, which are not imported as the numbers that PQresultErrorField takes.
static const int orderrelay_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int orderrelay_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int orderrelay_diag_primary = PG_DIAG_MESSAGE_PRIMARY;
static const int orderrelay_diag_constraint = PG_DIAG_CONSTRAINT_NAME;
static const int orderrelay_diag_table = PG_DIAG_TABLE_NAME;

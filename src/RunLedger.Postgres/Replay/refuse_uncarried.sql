select runledger.refuse_uncarried($1, $2);
